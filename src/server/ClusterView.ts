/**
 * The cluster for a page that shows it: this node as it is, and all of them as this one finds them.
 */
import { Context, type Effect } from "effect"
import type { NodeView, Overview } from "../api/Overview.ts"

export class ClusterView extends Context.Service<ClusterView, {
  readonly view: Effect.Effect<NodeView>
  /** Asks every member over HTTP. One that does not answer soon is shown as silent. */
  readonly overview: Effect.Effect<Overview>
}>()("server/ClusterView") {}
