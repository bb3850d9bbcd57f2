/**
 * Which stores the log still has to record: a member's disk is written down when it first appears,
 * and from then on no other disk may speak under that name.
 */
import type { Membership } from "./Membership.ts"
import type { Leading } from "./RaftState.ts"

/** The membership to append next, or null if nothing is new. Only while `ChangeRule.isOpen`. */
export const due = (state: Leading): Membership | null => {
  const latest = state.configs.at(-1)!
  const members = latest.membership.members.map((member) =>
    member.storeId === null ? { ...member, storeId: state.links.get(member.nodeId)?.storeId ?? null } : member
  )
  const isNews = members.some(({ storeId }, at) => storeId !== latest.membership.members[at]!.storeId)
  return isNews ? { ...latest.membership, members } : null
}
