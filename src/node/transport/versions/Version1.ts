/**
 * Version 1 of the protocol, as a node of today speaks it. Each message either has its equal in that
 * version or is not said at all; the compiler asks for a decision here whenever a message is added or
 * changed.
 */
import { Schema } from "effect"
import { LogIndex } from "../../../raft/Entry.ts"
import type { RaftMessage } from "../../../raft/RaftMessage.ts"
import type { PeerMessage } from "../../peers/PeerMessage.ts"
import type { Hello, Refusal } from "../../Transport.ts"
import { bodyCodec, type Version } from "./Version.ts"
import * as V1 from "./Version1Schemas.ts"

/** Fields that the version lacks are left out by its schema. */
const toMessage = (message: PeerMessage): V1.PeerMessage | null => {
  switch (message._tag) {
    case "Raft": {
      const raft = toRaft(message.message)
      return raft && { _tag: "Raft", message: raft }
    }
    case "Propose":
    case "Query":
    case "Answer":
    case "Refuse":
      return message
    default:
      return null
  }
}

const toRaft = (message: RaftMessage): V1.RaftMessage | null => {
  switch (message._tag) {
    case "RequestVote":
    case "Vote":
    case "AppendEntries":
    case "Appended":
    case "AppendRejected":
      return message
    default:
      return null
  }
}

const fromMessage = (message: V1.PeerMessage): PeerMessage =>
  message._tag === "Raft" ? { _tag: "Raft", message: fromRaft(message.message) } : message

/** Fields that the version lacks get their defaults. */
const fromRaft = (message: V1.RaftMessage): RaftMessage =>
  message._tag === "RequestVote" ? { ...message, transfer: false } : message

/** A node of this version neither joins nor counts its boots, and is dialed where it is named. */
const fromHello = (hello: V1.Hello): Hello => ({
  ...hello,
  lastIndex: LogIndex.make(0),
  boots: 0,
  joins: false,
  raft: ""
})

const toRefusal = ({ message, reason }: Refusal): V1.Refusal => ({ reason: toReason(reason), message })

const toReason = (reason: Refusal["reason"]): V1.Refusal["reason"] => {
  switch (reason) {
    // Whoever has been removed is unknown by now.
    case "removed":
      return "unknown-node"
    // An old copy of a disk is not the disk that was there.
    case "gone-back":
      return "disk-replaced"
    case "name-in-use":
      return "wrong-node"
    default:
      return reason
  }
}

const isSaid = (message: V1.PeerMessage | null): message is V1.PeerMessage => message !== null

const hello = bodyCodec(V1.Hello)
const refusal = bodyCodec(V1.Refusal)
const messages = bodyCodec(Schema.Array(V1.PeerMessage))

export const version1: Version = {
  hello: { encode: hello.encode, decode: (body) => fromHello(hello.decode(body)) },
  refusal: { encode: (value) => refusal.encode(toRefusal(value)), decode: refusal.decode },
  messages: {
    encode: (all) => messages.encode(all.map(toMessage).filter(isSaid)),
    decode: (body) => messages.decode(body).map(fromMessage)
  },
  knows: (message) => toMessage(message) !== null
}
