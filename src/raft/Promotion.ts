/**
 * Learners become voters by themselves once they have caught up, so that a new server never holds up commits
 * (dissertation §4.2.1).
 *
 * Caught up is who now has all that the leader had at the last quorum check: its last round of catching up took
 * less than an election timeout. It must have the latest membership too: who was removed and added again
 * may otherwise still believe that it is out.
 *
 * And the others must be a majority without it: a newcomer that dies at once, and another after it, would in the end
 * take the majority away from nodes that are all well. One voter alone has no such choice.
 */
import * as ChangeRule from "./ChangeRule.ts"
import type { LogIndex } from "./Entry.ts"
import type { Member, Membership } from "./Membership.ts"
import type { Leading } from "./RaftState.ts"

/** The membership to append next, or null if no learner is ready. Only while `ChangeRule.isOpen`. */
export const due = (state: Leading): Membership | null => {
  const { index, membership } = state.configs.at(-1)!
  const ready = membership.members.find((member) => !member.voter && hasCaughtUp(state, member, index))
  const members = membership.members.map((member) => member === ready ? { ...member, voter: true } : member)
  const isSecond = membership.members.filter(({ voter }) => voter).length === 1
  const besides = isSecond ? undefined : ready?.nodeId
  return ready && ChangeRule.keepsMajority(state, members, besides) ? { ...membership, members } : null
}

const hasCaughtUp = ({ links, role }: Leading, { nodeId, storeId }: Member, latest: LogIndex): boolean => {
  const one = role.progress.get(nodeId)
  if (!one || storeId === null || one.storeId !== storeId || !links.has(nodeId)) return false
  return role.lastChecked !== null && one.matchIndex >= Math.max(role.lastChecked, latest)
}
