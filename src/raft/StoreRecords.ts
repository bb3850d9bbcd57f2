/**
 * Which stores the log still has to record: a member's disk is written down when it first appears,
 * and from then on no other disk may speak under that name.
 */
import type { Membership } from "./Membership.ts"
import type { Leading } from "./RaftState.ts"

/** The membership to append next, or null: nothing is new, or an earlier change is still on its way. */
export const due = (state: Leading): Membership | null => {
  const latest = state.configs.at(-1)
  // One change at a time, and none before an entry of this term is committed (dissertation §4.1, as corrected).
  if (!latest || latest.index > state.commitIndex || state.role.opening > state.commitIndex) return null
  const members = latest.membership.members.map((member) =>
    member.storeId === null ? { ...member, storeId: state.links.get(member.nodeId)?.storeId ?? null } : member
  )
  const isNews = members.some(({ storeId }, at) => storeId !== latest.membership.members[at]!.storeId)
  return isNews ? { ...latest.membership, members } : null
}
