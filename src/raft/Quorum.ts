/**
 * Counting a majority of voters (§5.2, §5.4), with one rule of our own: a voter counts only once the
 * entry that records its store is committed. Until then it counts as 0, and is still part of the whole.
 */
import type { NodeId } from "./Membership.ts"
import { type Leading, membersOf, quorumOf, type RaftState } from "./RaftState.ts"

/** The largest value that a majority of voters has reached. */
export const majorityOf = (state: Leading, valueOf: (id: NodeId) => number): number =>
  membersOf(state)
    .filter(({ voter }) => voter)
    .map(({ nodeId }) => counts(state, nodeId) ? valueOf(nodeId) : 0)
    .toSorted((a, b) => b - a)[quorumOf(state) - 1] ?? 0

/** Whether what this voter acknowledges counts. */
const counts = (state: Leading, id: NodeId): boolean => {
  const storeId = id === state.self ? state.storeId : state.role.progress.get(id)?.storeId ?? null
  return storeId !== null && storeId === recordedStore(state, id)
}

// The first entry of all is the exception: it records the stores of those who elected its leader, and
// it could not commit if they had to wait for it.
const recordedStore = (state: RaftState, id: NodeId): string | null =>
  state.configs
    .filter(({ index }) => index <= state.commitIndex || index === 1)
    .at(-1)?.membership.members.find(({ nodeId }) => nodeId === id)?.storeId ?? null
