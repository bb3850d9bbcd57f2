/**
 * Version 2 of the protocol: the messages of today. When a release has gone out with it, this version
 * is frozen as version 1 is, and what changes from then on is version 3.
 *
 * The first byte of messages says how they are written: 0 by their schemas, 1 as replication.
 */
import { Schema } from "effect"
import { PeerMessage } from "../../peers/PeerMessage.ts"
import { Hello, Refusal } from "../../Transport.ts"
import * as Replication from "./Replication.ts"
import { type BodyCodec, bodyCodec, type Version } from "./Version.ts"

const [bySchema, asReplication] = [0, 1]

const schemas = bodyCodec(Schema.Array(PeerMessage))

const messages: BodyCodec<ReadonlyArray<PeerMessage>> = {
  encode: (all) => {
    const size = Replication.sizeOf(all)
    const others = size === null ? schemas.encode(all) : nothing
    const bytes = new Uint8Array(1 + (size ?? others.length))
    bytes[0] = size === null ? bySchema : asReplication
    if (size === null) bytes.set(others, 1)
    else Replication.encode(all, bytes, 1)
    return bytes
  },
  decode: (body) => {
    if (body[0] === asReplication) return Replication.decode(body, 1)
    if (body[0] === bySchema) return schemas.decode(body.subarray(1))
    throw new Error("messages are written in no way that this version knows")
  }
}

const nothing = new Uint8Array(0)

export const version2: Version = {
  hello: bodyCodec(Hello),
  refusal: bodyCodec(Refusal),
  messages,
  knows: () => true
}
