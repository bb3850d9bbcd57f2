/**
 * What nodes said to each other in version 1 of the protocol, written out as it was then. It never
 * changes: a running node of that version reads and writes exactly this. Whoever changes a message
 * changes its present schema, and how `Version1` gets from one to the other.
 */
import { Schema } from "effect"
import { LogIndex, Term } from "../../../raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../raft/Membership.ts"

export const Hello = Schema.Struct({
  nodeId: NodeId,
  storeId: StoreId,
  clusterId: Schema.NullOr(ClusterId),
  hasEntries: Schema.Boolean,
  http: Schema.String,
  rpc: Schema.String,
  version: Schema.String
})
export type Hello = typeof Hello.Type

export const Refusal = Schema.Struct({
  reason: Schema.Literals(["unknown-node", "wrong-node", "wrong-cluster", "disk-replaced", "version"]),
  message: Schema.String
})
export type Refusal = typeof Refusal.Type

const Member = Schema.Struct({
  nodeId: NodeId,
  raft: Schema.String,
  voter: Schema.Boolean,
  storeId: Schema.NullOr(StoreId)
})

const Membership = Schema.Struct({ clusterId: ClusterId, members: Schema.Array(Member) })

const Payload = Schema.TaggedUnion({
  Noop: {},
  Config: { membership: Membership },
  Command: { bytes: Schema.Uint8Array }
})

const Entry = Schema.Struct({ index: LogIndex, term: Term, time: Schema.Natural, payload: Payload })

const RaftMessage = Schema.TaggedUnion({
  RequestVote: { term: Term, preVote: Schema.Boolean, lastLogIndex: LogIndex, lastLogTerm: Term },
  Vote: { term: Term, preVote: Schema.Boolean, granted: Schema.Boolean },
  AppendEntries: {
    term: Term,
    prevLogIndex: LogIndex,
    prevLogTerm: Term,
    entries: Schema.Array(Entry),
    leaderCommit: LogIndex,
    round: Schema.Natural
  },
  Appended: { term: Term, matchIndex: LogIndex, round: Schema.Natural },
  AppendRejected: {
    term: Term,
    prevLogIndex: LogIndex,
    hintIndex: LogIndex,
    hintTerm: Term,
    round: Schema.Natural
  }
})
export type RaftMessage = typeof RaftMessage.Type

export const PeerMessage = Schema.TaggedUnion({
  Raft: { message: RaftMessage },
  Propose: { request: Schema.String, command: Schema.Uint8Array },
  Query: { request: Schema.String, query: Schema.Uint8Array },
  Answer: { request: Schema.String, answer: Schema.Uint8Array },
  Refuse: { request: Schema.String, reason: Schema.Literals(["not-leader", "overloaded"]) }
})
export type PeerMessage = typeof PeerMessage.Type
