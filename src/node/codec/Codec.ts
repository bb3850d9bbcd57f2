/**
 * The bytes of commands, replies, queries and answers: in log entries and between nodes.
 *
 * An entry's payload begins with the version of its format, so that a log written by one release can
 * be told apart by another. What cannot be decoded throws: it was checked before it got here.
 */
import { Schema } from "effect"
import { SchemaBinary } from "effect/encoding"
import type { Note } from "../../lock/Chronicle.ts"
import { LockCommand } from "../../lock/LockCommand.ts"
import { LockAnswer, LockQuery } from "../../lock/LockQuery.ts"
import { LockReply } from "../../lock/LockReply.ts"
import { ByteReader } from "../../lock/snapshot/ByteReader.ts"
import { ByteWriter } from "../../lock/snapshot/ByteWriter.ts"
import { readCommands, writeCommands } from "./CommandBytes.ts"

type Bytes = Uint8Array<ArrayBuffer>

interface Codec<A> {
  readonly encode: (value: A) => Bytes
  readonly decode: (bytes: Uint8Array) => A
}

const make = <A, E>(schema: Schema.Codec<A, E>): Codec<A> => {
  const codec = SchemaBinary.toCodec(schema)
  const encode = Schema.encodeSync(codec)
  const decode = Schema.decodeSync(codec)
  // The encoder lends a view of a buffer that it will use again; whoever keeps bytes needs their own.
  return { encode: (value) => encode(value).slice(), decode: (bytes) => decode(bytes as Bytes) }
}

export const command = make(LockCommand)
export const query = make(LockQuery)

/** What settles a request: a reply of the state machine, or the answer to a query. */
export const outcome = make(Schema.Union([LockReply, LockAnswer]))

const commands = make(Schema.Array(LockCommand))

/** What an entry brings: commands, and what its leader said beside them; older entries say nothing. */
export interface Batch {
  readonly commands: ReadonlyArray<LockCommand>
  readonly note: Note | undefined
}

/**
 * The payload of an entry begins with the version of its format. Format 1 is the commands by their schema, and all that
 * members of version 1 read; format 2 has the note before them (the wall clock as a float, the length of the history as
 * 32 bits); format 3 has the note as two numbers, and commands in a layout of their own.
 */
export const batch: Codec<Batch> = {
  encode: ({ commands: value, note }) => {
    writer.length = 0
    writer.byte(note === undefined ? 1 : 3)
    if (note === undefined) {
      writer.append(commands.encode(value))
      return writer.take()
    }
    writer.number(note.wallMillis)
    writer.number(note.historyMax)
    writeCommands(writer, value)
    return writer.take()
  },
  decode: (bytes) => {
    const [version] = bytes
    if (version === 1) return { commands: commands.decode(bytes.slice(1)), note: undefined }
    if (version === 2) return { commands: commands.decode(bytes.slice(headBytes)), note: readNote(bytes) }
    if (version === 3) return readBatch(new ByteReader(bytes, 1))
    throw new Error(`entry format ${version} is unknown to this release, which knows 1, 2 and 3`)
  }
}

const writer = new ByteWriter()

const readBatch = (from: ByteReader): Batch => {
  const note: Note = { wallMillis: from.number(), historyMax: from.number() }
  return { commands: readCommands(from), note }
}

const headBytes = 13

const viewOf = ({ buffer, byteLength, byteOffset }: Uint8Array) => new DataView(buffer, byteOffset, byteLength)

const readNote = (bytes: Uint8Array): Note => {
  const view = viewOf(bytes)
  return { wallMillis: view.getFloat64(1), historyMax: view.getUint32(9) }
}
