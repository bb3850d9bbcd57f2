/**
 * What nodes say to each other: Raft's messages, and requests that a follower passes on to the
 * leader together with their answers. The bodies of requests and answers belong to the state
 * machine; the transport carries them as bytes.
 */
import { Schema } from "effect"
import { RaftMessage } from "../raft/RaftMessage.ts"

export const PeerMessage = Schema.TaggedUnion({
  Raft: { message: RaftMessage },
  /** A command for the leader to propose. */
  Propose: { request: Schema.String, command: Schema.Uint8Array },
  /** A linearizable read for the leader to answer. */
  Query: { request: Schema.String, query: Schema.Uint8Array },
  /** The outcome of a `Propose` or `Query`. */
  Answer: { request: Schema.String, answer: Schema.Uint8Array },
  /** The request did nothing here: this node does not lead, or has no room for it. */
  Refuse: { request: Schema.String, reason: Schema.Literals(["not-leader", "overloaded"]) }
})
export type PeerMessage = typeof PeerMessage.Type
