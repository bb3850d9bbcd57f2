/**
 * The bytes of commands, replies, queries and answers: in log entries and between nodes.
 *
 * An entry's payload begins with the version of its format, so that a log written by one release can
 * be told apart by another. What cannot be decoded throws: it was checked before it got here.
 */
import { Schema } from "effect"
import { SchemaBinary } from "effect/encoding"
import type { Note } from "../lock/Chronicle.ts"
import { LockCommand } from "../lock/LockCommand.ts"
import { LockAnswer, LockQuery } from "../lock/LockQuery.ts"
import { LockReply } from "../lock/LockReply.ts"

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
 * The payload of an entry: a format version, the note (the wall clock as a float, the length of the history as 32
 * bits), then the commands. Format 1 had no note.
 */
export const batch: Codec<Batch> = {
  encode: ({ commands: value, note }) => {
    const body = commands.encode(value)
    const start = note === undefined ? 1 : headBytes
    const bytes = new Uint8Array(body.length + start)
    bytes[0] = note === undefined ? 1 : 2
    if (note !== undefined) writeNote(bytes, note)
    bytes.set(body, start)
    return bytes
  },
  decode: (bytes) => {
    const [version] = bytes
    if (version === 1) return { commands: commands.decode(bytes.slice(1)), note: undefined }
    if (version === 2) return { commands: commands.decode(bytes.slice(headBytes)), note: readNote(bytes) }
    throw new Error(`entry format ${version} is unknown to this release, which knows 1 and 2`)
  }
}

const headBytes = 13

const viewOf = ({ buffer, byteLength, byteOffset }: Uint8Array) => new DataView(buffer, byteOffset, byteLength)

const writeNote = (bytes: Uint8Array, { historyMax, wallMillis }: Note): void => {
  const view = viewOf(bytes)
  view.setFloat64(1, wallMillis)
  view.setUint32(9, historyMax)
}

const readNote = (bytes: Uint8Array): Note => {
  const view = viewOf(bytes)
  return { wallMillis: view.getFloat64(1), historyMax: view.getUint32(9) }
}
