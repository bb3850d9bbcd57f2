/**
 * What the node knows of its cluster.
 *
 * It asks nobody: the answer is cheap, comes with and without a leader, and is true of this node alone.
 */
import { Context, type Effect } from "effect"
import type { Status } from "../api/Cluster.ts"

export class ClusterStatus extends Context.Service<ClusterStatus, {
  readonly status: Effect.Effect<Status>
  /** Whether there is a leader and this node has applied what that one has committed. */
  readonly ready: Effect.Effect<boolean>
}>()("server/ClusterStatus") {}
