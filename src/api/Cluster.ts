/**
 * The cluster: how one node sees it, and what an operator may change.
 *
 * What is looked at is answered by the node asked, with or without a leader, and is true of that node alone. Changes
 * are the leader's business, one at a time, and any node takes them.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import type { Fields } from "./Fields.ts"
import { NodeView, Overview, standing } from "./Overview.ts"
import {
  ChangeInProgress,
  ChangeRefused,
  InvalidRequest,
  NotFound,
  refusedBody,
  refusedChange,
  SnapshotFailed,
  unavailable
} from "./Problems.ts"

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
  ...standing,
  members: Schema.Array(Member),
  uptimeMs: Schema.Natural,
  version: Schema.String
}).annotate({ identifier: "Status" })
export type Status = typeof Status.Type

export const Members = Schema.Struct({
  leaderId: Schema.NullOr(Schema.String),
  members: Schema.Array(Member)
}).annotate({ identifier: "Members" })
export type Members = typeof Members.Type

const makeNewMember = (fields: Fields) =>
  Schema.Struct({ nodeId: fields.nodeId, raft: fields.raft }).annotate({ identifier: "NewMember" })
export type NewMember = ReturnType<typeof makeNewMember>["Type"]

const MemberRemoved = Schema.Struct({ removed: Schema.Literal(true) }).annotate({ identifier: "MemberRemoved" })

const makeTransfer = (fields: Fields) =>
  Schema.Struct({ to: Schema.optionalKey(fields.to) }).annotate({ identifier: "Transfer" })
export type Transfer = ReturnType<typeof makeTransfer>["Type"]

export const Leadership = Schema.Struct({ leaderId: Schema.String, term: Schema.Natural }).annotate({
  identifier: "Leadership"
})
export type Leadership = typeof Leadership.Type

export const SnapshotTaken = Schema.Struct({ index: Schema.Natural, bytes: Schema.Natural }).annotate({
  identifier: "SnapshotTaken"
})
export type SnapshotTaken = typeof SnapshotTaken.Type

/** Why a change of the cluster is not made now, or not at all. */
const refusals = [ChangeInProgress, ChangeRefused] as const

export const makeClusterGroup = (fields: Fields) =>
  HttpApiGroup.make("cluster").add(
    HttpApiEndpoint.get("status", "/cluster/status", { success: Status, error: InvalidRequest }).annotate(
      OpenApi.Summary,
      "The cluster as this node sees it"
    ),
    HttpApiEndpoint.get("view", "/cluster/view", { success: NodeView, error: InvalidRequest }).annotate(
      OpenApi.Summary,
      "This node at a glance: whom it reaches, what it has, what it has counted"
    ),
    HttpApiEndpoint.get("overview", "/cluster/overview", { success: Overview, error: InvalidRequest }).annotate(
      OpenApi.Summary,
      "All nodes at a glance, as this one finds them"
    ),
    HttpApiEndpoint.get("members", "/cluster/members", { success: Members, error: InvalidRequest }).annotate(
      OpenApi.Summary,
      "The members that this node knows of"
    ),
    HttpApiEndpoint.post("addMember", "/cluster/members", {
      payload: makeNewMember(fields),
      success: makeNewMember(fields).pipe(HttpApiSchema.status(202)),
      error: [...refusals, ...unavailable, ...refusedBody]
    }).annotate(OpenApi.Summary, "Add a node: a learner, and a voter as soon as it has caught up"),
    HttpApiEndpoint.delete("removeMember", "/cluster/members/:id", {
      params: { id: fields.id },
      success: MemberRemoved,
      error: [NotFound, ...refusals, ...unavailable, ...refusedChange]
    }).annotate(OpenApi.Summary, "Remove a node"),
    HttpApiEndpoint.post("transferLeadership", "/cluster/leader/transfer", {
      // `curl -X POST` sends no body at all, and means any node.
      payload: [makeTransfer(fields), Schema.Null],
      success: Leadership,
      error: [NotFound, ...refusals, ...unavailable, ...refusedBody]
    }).annotate(OpenApi.Summary, "Let another node lead: the one named, or the one that is furthest"),
    HttpApiEndpoint.post("takeSnapshot", "/cluster/snapshot", {
      success: SnapshotTaken,
      error: [SnapshotFailed, ...refusedChange]
    }).annotate(OpenApi.Summary, "Let this node take a snapshot now"),
    HttpApiEndpoint.get("downloadSnapshot", "/cluster/snapshot", {
      success: HttpApiSchema.StreamUint8Array(),
      error: [SnapshotFailed, InvalidRequest]
    }).annotate(OpenApi.Summary, "A fresh snapshot of this node, as the file that `holdfast snapshot` reads")
  )
