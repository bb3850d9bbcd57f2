/**
 * The bytes of commands, replies, queries and answers: in log entries and between nodes.
 *
 * An entry's payload begins with the version of its format, so that a log written by one release can
 * be told apart by another. What cannot be decoded throws: it was checked before it got here.
 */
import { Schema } from "effect"
import { SchemaBinary } from "effect/encoding"
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
const formatVersion = 1

/** The payload of an entry: a format version, then the batch. */
export const batch: Codec<ReadonlyArray<LockCommand>> = {
  encode: (value) => {
    const body = commands.encode(value)
    const bytes = new Uint8Array(body.length + 1)
    bytes[0] = formatVersion
    bytes.set(body, 1)
    return bytes
  },
  decode: (bytes) => {
    if (bytes[0] !== formatVersion) {
      throw new Error(`entry format ${bytes[0]} is unknown to this release, which knows ${formatVersion}`)
    }
    return commands.decode(bytes.slice(1))
  }
}
