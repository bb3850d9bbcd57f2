/**
 * What a node tells those who ask it for something, and why it stops.
 */
import { Schema } from "effect"
import { NodeId } from "../raft/Membership.ts"

/**
 * The request was not done for want of a leader or of room, or nobody can say whether it was.
 * Sending `outcome-unknown` again under the same request id is safe.
 */
export class RequestFailed extends Schema.TaggedError<RequestFailed>()("RequestFailed", {
  reason: Schema.Literals(["no-leader", "overloaded", "outcome-unknown"])
}) {}

/** There is no snapshot of this node to be had now. `message` says why. */
export class SnapshotRefused extends Schema.TaggedError<SnapshotRefused>()("SnapshotRefused", {
  message: Schema.String
}) {}

/** Those this node must agree with do not let it in. `message` says what to do. */
export class NodeRefused extends Schema.TaggedError<NodeRefused>()("NodeRefused", {
  by: Schema.Array(NodeId),
  message: Schema.String
}) {}
