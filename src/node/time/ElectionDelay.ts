/**
 * How long a node waits before it stands for election: between which two bounds it draws. A pure function of the
 * timings and of what the core knows; safety never depends on it.
 */
import type { NodeId } from "../../raft/Membership.ts"
import { membersOf, type RaftState } from "../../raft/RaftState.ts"
import type { Timings } from "../NodeConfig.ts"

export const bounds = (timings: Timings, state: RaftState, after: "timeout" | "lost-leader"): [number, number] =>
  after === "timeout" ? [timings.electionMillisMin, timings.electionMillisMax] : slot(timings, state)

/**
 * All followers lose the leader in the same moment. Each that is left has a slot of its own, by its place among
 * the voters it is linked to, and draws from the first quarter of it: the rest is for its election to be over
 * before the next one asks. Who sees other links may take another's slot; then the vote is split, and no more.
 */
const slot = ({ lostLeaderMillisMax, lostLeaderMillisMin }: Timings, state: RaftState): [number, number] => {
  const isLeft = (nodeId: NodeId) => nodeId === state.self || state.links.has(nodeId)
  const left = membersOf(state).filter(({ nodeId, voter }) => voter && isLeft(nodeId))
  const width = (lostLeaderMillisMax - lostLeaderMillisMin) / Math.max(1, left.length)
  const start = lostLeaderMillisMin + width * Math.max(0, left.findIndex(({ nodeId }) => nodeId === state.self))
  return [Math.floor(start), Math.floor(start + width / 4)]
}
