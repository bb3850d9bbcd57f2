/**
 * All that can be measured of a node at a moment, for whoever shows it. Taking a reading changes nothing.
 */
import { Queue } from "effect"
import type { Totals } from "../../lock/LockView.ts"
import type { NodeId } from "../../raft/Membership.ts"
import { isLeading, membersOf } from "../../raft/RaftState.ts"
import { type NodeStatus, statusOf } from "../NodeStatus.ts"
import { inboxLengthMax, type Shell } from "../Shell.ts"
import type { NodeMetrics } from "./NodeMetrics.ts"

export interface PeerReading {
  readonly nodeId: NodeId
  readonly isLinked: boolean
  /** How many entries of the leader's log it surely lacks; null unless this node leads. */
  readonly lagEntries: number | null
}

export interface Readings {
  readonly status: NodeStatus
  readonly metrics: NodeMetrics
  readonly totals: Totals
  readonly peers: ReadonlyArray<PeerReading>
  readonly inboxLength: number
  readonly inboxLengthMax: number
  readonly requestsPending: number
  readonly snapshotBytes: number
}

export const read = (shell: Shell): Readings => {
  const { inbox, linked, lockStore, metrics, requests, snapshotStore, state } = shell
  const progress = isLeading(state) ? state.role.progress : null
  const lagOf = (id: NodeId) => {
    const matchIndex = progress?.get(id)?.matchIndex
    return matchIndex === undefined ? null : Math.max(0, state.log.lastIndex - matchIndex)
  }
  return {
    status: statusOf(shell),
    metrics,
    totals: lockStore.totals(),
    peers: membersOf(state).filter(({ nodeId }) => nodeId !== state.self).map(({ nodeId }) => ({
      nodeId,
      isLinked: linked.has(nodeId),
      lagEntries: lagOf(nodeId)
    })),
    inboxLength: Queue.sizeUnsafe(inbox),
    inboxLengthMax,
    requestsPending: requests.size,
    snapshotBytes: snapshotStore.latest()?.bytes ?? 0
  }
}
