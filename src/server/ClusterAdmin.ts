/**
 * What an operator does with the cluster, behind HTTP and RPC alike.
 *
 * Looking is answered by this node from what it knows. A change goes to the leader, wherever it is, and succeeds when
 * the cluster has committed it; otherwise it was not made, and why, or nobody can say (`OutcomeUnknown`, whose detail
 * tells to look at the members before asking again). Input is checked by the schemas of the API before it gets here.
 */
import { Context, type Effect, type Stream } from "effect"
import type { Leadership, Members, NewMember, SnapshotTaken, Transfer } from "../api/Cluster.ts"
import type { ChangeInProgress, ChangeRefused, NotFound, SnapshotFailed, Unavailable } from "../api/Problems.ts"
import type { NodeId } from "../raft/Membership.ts"

export class ClusterAdmin extends Context.Service<ClusterAdmin, {
  readonly members: Effect.Effect<Members>
  /**
   * Succeeds once the node is a learner; it becomes a voter by itself. A member of this name and address is there
   * already, and that is success as well; under another address it is refused (`already-member`), and so is an address
   * that another member has (`address-in-use`).
   */
  readonly addMember: (member: NewMember) => Effect.Effect<void, ChangeInProgress | ChangeRefused | Unavailable>
  /** `NotFound` when there is no such member; refused for the `last-voter`. */
  readonly removeMember: (
    id: NodeId
  ) => Effect.Effect<void, NotFound | ChangeInProgress | ChangeRefused | Unavailable>
  /**
   * Answers with the new leader. Whoever leads already and is named stays, and that is success. Refused for
   * `not-a-voter` and `unreachable`; without a name, `unreachable` says that there is no other voter to be had. Nodes
   * of the first release cannot be told to take over, and are `unreachable` too.
   */
  readonly transferLeadership: (
    transfer: Transfer
  ) => Effect.Effect<Leadership, NotFound | ChangeInProgress | ChangeRefused | Unavailable>
  /** Of this node, now. A second request while one is taken may share it. */
  readonly takeSnapshot: Effect.Effect<SnapshotTaken, SnapshotFailed>
  /**
   * Takes a snapshot of this node; then its file, byte for byte. The file verifies itself: one that was cut off
   * is noticed by whoever reads it.
   */
  readonly downloadSnapshot: Effect.Effect<Stream.Stream<Uint8Array, SnapshotFailed>, SnapshotFailed>
}>()("server/ClusterAdmin") {}
