/**
 * What an operator's tool asks of a node over client RPC: the same as `/cluster/…` over HTTP, with the same answers
 * and the same errors.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Address } from "../Address.ts"
import { Leadership, Members, SnapshotTaken, Status } from "../Cluster.ts"
import { NodeId } from "../Fields.ts"
import {
  ChangeInProgress,
  ChangeRefused,
  NoLeader,
  NotFound,
  OutcomeUnknown,
  Overloaded,
  SnapshotFailed
} from "../Problems.ts"

const notChanged = [ChangeInProgress, ChangeRefused, NoLeader, OutcomeUnknown, Overloaded] as const

export class AdminRpcs extends RpcGroup.make(
  Rpc.make("status", { success: Status }),
  Rpc.make("members", { success: Members }),
  Rpc.make("addMember", {
    payload: { nodeId: NodeId, raft: Address },
    error: Schema.Union(notChanged)
  }),
  Rpc.make("removeMember", {
    payload: { nodeId: NodeId },
    error: Schema.Union([NotFound, ...notChanged])
  }),
  Rpc.make("transferLeadership", {
    payload: { to: Schema.optionalKey(NodeId) },
    success: Leadership,
    error: Schema.Union([NotFound, ...notChanged])
  }),
  Rpc.make("takeSnapshot", { success: SnapshotTaken, error: SnapshotFailed }),
  // The file of a fresh snapshot, byte for byte.
  Rpc.make("downloadSnapshot", { success: Schema.Uint8Array, error: SnapshotFailed, stream: true })
) {}
