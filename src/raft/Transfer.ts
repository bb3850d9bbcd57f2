/**
 * Leadership transfer (dissertation §3.10): the leader takes no more proposals, waits until the target has
 * its whole log, and tells it to campaign at once.
 *
 * The target is elected like any other candidate, so a transfer that goes wrong costs time and never safety:
 * whoever still leads at the second quorum check goes on as if nothing had been asked.
 */
import { Action } from "./Action.ts"
import type { NodeId } from "./Membership.ts"
import { counts, storeBehind } from "./Quorum.ts"
import { RaftMessage } from "./RaftMessage.ts"
import { isLeading, type Leading, memberOf, membersOf, type RaftState } from "./RaftState.ts"
import { nothing, type Step } from "./Step.ts"

export type Refusal = "not-leader" | "in-progress" | "no-such-member" | "not-a-voter" | "unreachable"

/** Why leadership cannot go to this node, or to any without a name; null if it can. */
export const refusal = (state: RaftState, to: NodeId | null): Refusal | null => {
  if (!isLeading(state)) return "not-leader"
  if (isRunning(state)) return "in-progress"
  if (to === null) return nearest(state) === null ? "unreachable" : null
  const member = memberOf(state, to)
  if (!member) return "no-such-member"
  if (!member.voter) return "not-a-voter"
  return to === state.self || mayTakeOver(state, to) ? null : "unreachable"
}

/** As long as one runs, nothing is proposed: every entry would delay it. */
export const isRunning = (state: RaftState): boolean => isLeading(state) && state.role.transfer !== null

/** To oneself there is nothing to do. */
export const request = (state: RaftState, wanted: NodeId | null): Step => {
  if (!isLeading(state) || refusal(state, wanted) !== null) return nothing(state)
  const to = wanted ?? nearest(state)
  return to === null || to === state.self ? nothing(state) : handOver(withTransfer(state, { to, checks: 0 }))
}

/**
 * Tells the target once it has everything. Each answer of the target that finds this node still leading
 * tells it again: the first word may be lost.
 */
export const handOver = (state: RaftState): Step => {
  const to = isLeading(state) ? state.role.transfer?.to : undefined
  if (!isLeading(state) || to === undefined || !mayTakeOver(state, to)) return nothing(state)
  if (state.role.progress.get(to)?.matchIndex !== state.log.lastIndex) return nothing(state)
  return [state, [tell(state, to)]]
}

/** A leader that gives way without having been asked tells the voter that lacks least. */
export const appoint = (state: RaftState): Step => {
  const to = isLeading(state) ? nearest(state) : null
  return to === null ? nothing(state) : [state, [tell(state, to)]]
}

const tell = ({ term }: RaftState, to: NodeId): Action =>
  Action.Send({ to, message: RaftMessage.cases.TimeoutNow.make({ term }) })

/** A quorum check has passed, which comes once in the shortest election timeout. */
export const checked = (state: Leading): Leading => {
  const { transfer } = state.role
  if (transfer === null) return state
  const checks = transfer.checks + 1
  return checks < checksMax ? withTransfer(state, { ...transfer, checks }) : giveUp(state)
}

export const giveUp = (state: Leading): Leading => withTransfer(state, null)

const checksMax = 2

const withTransfer = (state: Leading, transfer: Leading["role"]["transfer"]): Leading => ({
  ...state,
  role: { ...state.role, transfer }
})

/** The voter that lacks least. */
const nearest = (state: Leading): NodeId | null => {
  const matchOf = (id: NodeId) => state.role.progress.get(id)?.matchIndex ?? 0
  const [first] = membersOf(state)
    .map(({ nodeId }) => nodeId)
    .filter((id) => id !== state.self && mayTakeOver(state, id))
    .toSorted((a, b) => matchOf(b) - matchOf(a))
  return first ?? null
}

const mayTakeOver = (state: Leading, to: NodeId): boolean =>
  state.links.get(to)?.takesOver === true && counts(state, to, storeBehind(state, to))
