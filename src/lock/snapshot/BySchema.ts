/**
 * Values whose kind has no layout of its own, among others that have: a kind of 0, a length, and the bytes of their
 * schema.
 */
import { Schema } from "effect"
import { SchemaBinary } from "effect/encoding"
import type { ByteReader } from "./ByteReader.ts"
import type { ByteWriter } from "./ByteWriter.ts"

export const kindBySchema = 0

/** What is filled in as it is read. */
export type Mutable<A> = { -readonly [Key in keyof A]: A[Key] }

/** Writes the kind too; to read, the kind has been read already. What is no such value throws. */
export const bySchema = <A, E>(schema: Schema.Codec<A, E>) => {
  const codec = SchemaBinary.toCodec(schema)
  const [encode, decode] = [Schema.encodeSync(codec), Schema.decodeSync(codec)]
  return {
    write: (to: ByteWriter, value: A): void => {
      const bytes = encode(value)
      to.byte(kindBySchema)
      to.number(bytes.length)
      to.append(bytes)
    },
    read: (from: ByteReader): A => decode(from.bytes(from.count()) as Uint8Array<ArrayBuffer>)
  }
}
