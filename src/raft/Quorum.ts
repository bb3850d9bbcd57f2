/**
 * Counting a majority of voters (§5.2, §5.4), with one rule of our own: a voter counts only with the
 * store that the latest membership in the log records for it. Until then it counts as nothing, and is
 * still part of the whole. Votes and acknowledgements go by the same rule (dissertation §4.1), so whoever
 * may elect a leader can also commit for it.
 */
import type { Member, NodeId, StoreId } from "./Membership.ts"
import { type Leading, memberOf, membersOf, quorumOf, type RaftState } from "./RaftState.ts"

/** The largest value that a majority of voters has reached. */
export const majorityOf = (state: Leading, valueOf: (id: NodeId) => number): number =>
  membersOf(state)
    .map((member) => isCounted(member, storeBehind(state, member.nodeId)) ? valueOf(member.nodeId) : 0)
    .toSorted((a, b) => b - a)[quorumOf(state) - 1] ?? 0

/** Whether what this store says in the name of this voter counts. */
export const counts = (state: RaftState, voter: NodeId, storeId: StoreId | null): boolean => {
  const member = memberOf(state, voter)
  return member !== undefined && isCounted(member, storeId)
}

const isCounted = (member: Member, storeId: StoreId | null): boolean =>
  member.voter && member.storeId !== null && member.storeId === storeId

/** The store whose acknowledgements the leader has. */
export const storeBehind = (state: Leading, id: NodeId): StoreId | null =>
  id === state.self ? state.storeId : state.role.progress.get(id)?.storeId ?? null
