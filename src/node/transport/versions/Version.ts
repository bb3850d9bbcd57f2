/**
 * What differs between versions of the protocol: how hellos, refusals and messages are bytes. A
 * version may be poorer than the present; then it leaves out what it has no words for, and what it
 * does not say has a default.
 */
import { Schema } from "effect"
import { SchemaBinary } from "effect/encoding"
import type { PeerMessage } from "../../peers/PeerMessage.ts"
import type { Hello, Refusal } from "../../Transport.ts"

/** How one kind of body is bytes. What does not decode throws. */
export interface BodyCodec<A> {
  /** The bytes are lent until the next call. */
  readonly encode: (value: A) => Uint8Array
  readonly decode: (body: Uint8Array) => A
}

export interface Version {
  readonly hello: BodyCodec<Hello>
  readonly refusal: BodyCodec<Refusal>
  /** Only of messages that it knows. */
  readonly messages: BodyCodec<ReadonlyArray<PeerMessage>>
  /** Whether it has words for a message. */
  readonly knows: (message: PeerMessage) => boolean
}

export const bodyCodec = <A, E>(schema: Schema.Codec<A, E>): BodyCodec<A> => {
  const binary = SchemaBinary.toCodec(schema)
  const decode = Schema.decodeSync(binary)
  return { encode: Schema.encodeSync(binary), decode: (body) => decode(body as Uint8Array<ArrayBuffer>) }
}
