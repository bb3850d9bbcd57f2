/**
 * What an operator asks of the leader, and what came of it.
 */
import { Schema } from "effect"
import { Change } from "../../raft/Changes.ts"
import { Term } from "../../raft/Entry.ts"
import { NodeId } from "../../raft/Membership.ts"

export const AdminAsk = Schema.TaggedUnion({
  /** Of the membership. */
  Change: { change: Change },
  /** Let another node lead: the one named, or whichever is furthest. */
  Transfer: { to: Schema.NullOr(NodeId) }
})
export type AdminAsk = typeof AdminAsk.Type

export const AdminRefusal = Schema.Literals([
  "in-progress",
  "no-such-member",
  "already-member",
  "address-in-use",
  "last-voter",
  "not-a-voter",
  "unreachable"
])
export type AdminRefusal = typeof AdminRefusal.Type

export const AdminOutcome = Schema.TaggedUnion({
  /** It is committed, and who leads now. */
  Done: { leaderId: NodeId, term: Term },
  /** Nothing was done. */
  Refused: { reason: AdminRefusal },
  /** The node asked does not lead; nothing was done. */
  NotLeader: {},
  /** No leader was there to do it; nothing was done. */
  NoLeader: {},
  /** The leader was lost on the way: it may or may not come about. */
  Unknown: {}
})
export type AdminOutcome = typeof AdminOutcome.Type
