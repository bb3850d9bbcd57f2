/**
 * Nodes with a new disk that ask to be let in: an unknown one becomes a learner, and one that was a member on
 * another disk becomes a learner with the new one.
 *
 * The latter takes the old voter out and the new server in with one entry. A server is a name together with its
 * store, so the new one counts for nothing that the old one has promised.
 */
import * as ChangeRule from "./ChangeRule.ts"
import type { Membership, NodeId } from "./Membership.ts"
import { type Leading, type Link, memberOf, wasMember } from "./RaftState.ts"

/** The membership to append next, or null if nobody waits. Only while `ChangeRule.isOpen`. */
export const due = (state: Leading): Membership | null => {
  for (const [peer, link] of state.links) {
    // Whoever has been removed since it asked is not let in again by what it asked then.
    const next = link.joins === null || wasMember(state, peer, link.storeId)
      ? null
      : admitted(state, peer, { ...link, joins: link.joins })
    if (next) return next
  }
  return null
}

const admitted = (state: Leading, nodeId: NodeId, link: Link & { readonly joins: string }): Membership | null => {
  const { membership } = state.configs.at(-1)!
  const member = memberOf(state, nodeId)
  const { joins: raft, storeId } = link
  const learner = { nodeId, raft, voter: false, storeId }
  if (!member) return { ...membership, members: [...membership.members, learner] }
  // A member whose store nobody knows yet has promised nothing: its store is recorded, as at a first start.
  if (member.storeId === null) return null
  const members = membership.members.map((other) => other === member ? learner : other)
  return ChangeRule.keepsMajority(state, members) ? { ...membership, members } : null
}
