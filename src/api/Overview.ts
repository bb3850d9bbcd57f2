/**
 * What a page about the cluster needs at a glance: how a node is and whom it reaches, and the same of all nodes, asked
 * by the one that answers.
 *
 * It is for looking at. Counts are of the node since its start; what they become a second, the reader works out.
 */
import { Schema } from "effect"

const NodeState = Schema.Literals(["LEADER", "FOLLOWER", "CANDIDATE", "PRE_CANDIDATE", "LEARNER"])

/** Where a node stands, wherever that is told. */
export const standing = {
  nodeId: Schema.String,
  state: NodeState,
  term: Schema.Natural,
  leaderId: Schema.NullOr(Schema.String),
  commitIndex: Schema.Natural,
  lastApplied: Schema.Natural,
  lastLogIndex: Schema.Natural
}

const PeerView = Schema.Struct({
  nodeId: Schema.String,
  linked: Schema.Boolean,
  lagEntries: Schema.NullOr(Schema.Natural),
  cut: Schema.Boolean
}).annotate({ identifier: "PeerView" })

const Counts = Schema.Struct({
  grants: Schema.Natural,
  releases: Schema.Natural,
  expiries: Schema.Natural,
  waitSeconds: Schema.Finite,
  commits: Schema.Natural,
  commitSeconds: Schema.Finite,
  appends: Schema.Natural,
  appendSeconds: Schema.Finite
}).annotate({ identifier: "Counts" })

export const NodeView = Schema.Struct({
  ...standing,
  snapshotIndex: Schema.Natural,
  uptimeMs: Schema.Natural,
  stalled: Schema.NullOr(Schema.String),
  dev: Schema.optionalKey(Schema.Boolean),
  peers: Schema.Array(PeerView),
  lockCount: Schema.Natural,
  heldCount: Schema.Natural,
  waitingCount: Schema.Natural,
  sessionCount: Schema.Natural,
  counts: Counts
}).annotate({ identifier: "NodeView" })
export type NodeView = typeof NodeView.Type

const NodeInOverview = Schema.Struct({
  nodeId: Schema.String,
  http: Schema.NullOr(Schema.String),
  voter: Schema.Boolean,
  self: Schema.Boolean,
  view: Schema.NullOr(NodeView),
  silence: Schema.NullOr(Schema.String)
}).annotate({ identifier: "NodeInOverview" })
export type NodeInOverview = typeof NodeInOverview.Type

export const Overview = Schema.Struct({ nodes: Schema.Array(NodeInOverview) }).annotate({ identifier: "Overview" })
export type Overview = typeof Overview.Type
