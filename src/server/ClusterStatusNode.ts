/**
 * `ClusterStatus` of the node in this process.
 */
import { Effect, Layer } from "effect"
import type { Status } from "../api/Cluster.ts"
import type { NodeStatus } from "../node/NodeStatus.ts"
import { RaftNode } from "../node/RaftNode.ts"
import { version } from "../node/Version.ts"
import { ClusterStatus } from "./ClusterStatus.ts"

export const layer = Layer.effect(
  ClusterStatus,
  Effect.gen(function*() {
    const node = yield* RaftNode
    return ClusterStatus.of({
      status: Effect.map(node.status, statusOf),
      ready: Effect.map(
        node.status,
        ({ isCaughtUp, leaderId, stalled }) => leaderId !== null && isCaughtUp && stalled === null
      )
    })
  })
)

const states = {
  Leader: "LEADER",
  Follower: "FOLLOWER",
  Candidate: "CANDIDATE",
  PreCandidate: "PRE_CANDIDATE",
  Learner: "LEARNER"
} as const

export const stateOf = ({ role }: NodeStatus): Status["state"] => states[role]

const statusOf = ({ members, role, upMillis, ...status }: NodeStatus): Status => ({
  nodeId: status.nodeId,
  state: states[role],
  term: status.term,
  leaderId: status.leaderId,
  commitIndex: status.commitIndex,
  lastApplied: status.lastApplied,
  lastLogIndex: status.lastLogIndex,
  members: members.map((member) => ({ ...member, self: member.nodeId === status.nodeId })),
  uptimeMs: upMillis,
  version
})
