/**
 * The cluster as one node sees it.
 *
 * The node asked answers by itself, with or without a leader, and what it says is true of that node alone.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"

/** A member as the node asked knows it. Addresses are `host:port`; a peer tells its own when it connects. */
const Member = Schema.Struct({
  nodeId: Schema.String,
  raft: Schema.String,
  http: Schema.NullOr(Schema.String),
  rpc: Schema.NullOr(Schema.String),
  voter: Schema.Boolean,
  /** Whether this is the node that answers. */
  self: Schema.Boolean
}).annotate({ identifier: "Member" })

export const Status = Schema.Struct({
  nodeId: Schema.String,
  state: Schema.Literals(["LEADER", "FOLLOWER", "CANDIDATE", "PRE_CANDIDATE", "LEARNER"]),
  term: Schema.Natural,
  leaderId: Schema.NullOr(Schema.String),
  commitIndex: Schema.Natural,
  lastApplied: Schema.Natural,
  lastLogIndex: Schema.Natural,
  members: Schema.Array(Member),
  uptimeMs: Schema.Natural,
  version: Schema.String
}).annotate({ identifier: "Status" })
export type Status = typeof Status.Type

export const ClusterGroup = HttpApiGroup.make("cluster").add(
  HttpApiEndpoint.get("status", "/cluster/status", { success: Status }).annotate(
    OpenApi.Summary,
    "The cluster as this node sees it"
  )
)
