/**
 * Who the cluster is: its id, and each member with the store that it was first seen with.
 *
 * A member's store id is recorded by an entry of the log. Until then the member may receive entries
 * but neither its votes nor its acknowledgements count, so that a wiped disk cannot forget a promise
 * and still be counted.
 */
import { Schema } from "effect"

/** The name of a node, unique in its cluster. */
export const NodeId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)),
  Schema.brand("raft/NodeId")
)
export type NodeId = typeof NodeId.Type

/** Drawn at random when a data directory is created; another disk is another store. */
export const StoreId = Schema.String.pipe(Schema.check(Schema.isBetweenLength(1, 64)), Schema.brand("raft/StoreId"))
export type StoreId = typeof StoreId.Type

/** Minted by the first leader, in the first entry. */
export const ClusterId = Schema.String.pipe(Schema.check(Schema.isBetweenLength(1, 64)), Schema.brand("raft/ClusterId"))
export type ClusterId = typeof ClusterId.Type

export const Member = Schema.Struct({
  nodeId: NodeId,
  /** Where its Raft port is, `host:port`. */
  raft: Schema.String,
  /** A learner (not a voter) receives the log and counts for nothing. */
  voter: Schema.Boolean,
  /** Null until an entry has recorded it. */
  storeId: Schema.NullOr(StoreId)
})
export type Member = typeof Member.Type

export const Membership = Schema.Struct({
  clusterId: ClusterId,
  members: Schema.Array(Member)
})
export type Membership = typeof Membership.Type
