/**
 * Version 2 of the protocol: the messages of today. When a release has gone out with it, this version
 * is frozen as version 1 is, and what changes from then on is version 3.
 */
import { Schema } from "effect"
import { PeerMessage } from "../../PeerMessage.ts"
import { Hello, Refusal } from "../../Transport.ts"
import { bodyCodec, type Version } from "./Version.ts"

export const version2: Version = {
  hello: bodyCodec(Hello),
  refusal: bodyCodec(Refusal),
  messages: bodyCodec(Schema.Array(PeerMessage)),
  knows: () => true
}
