/**
 * What a link that comes or goes means: the leader starts anew with the follower, and a follower that
 * loses its leader's link need not wait for the timeout to miss it.
 */
import * as Followers from "./Followers.ts"
import * as Leadership from "./Leadership.ts"
import type { NodeId } from "./Membership.ts"
import * as Progress from "./Progress.ts"
import { followerOf, isLeading, leaderOf, type Link, type RaftState } from "./RaftState.ts"
import * as Replication from "./Replication.ts"
import * as SnapshotTransfer from "./SnapshotTransfer.ts"
import { andThen, nothing, type Step } from "./Step.ts"
import { arm } from "./TermRule.ts"
import * as Transfer from "./Transfer.ts"

export const connected = (state: RaftState, peer: NodeId, link: Link): Step => {
  const linked = { ...state, links: new Map(state.links).set(peer, link) }
  const one = isLeading(linked) ? linked.role.progress.get(peer) : undefined
  if (!isLeading(linked)) return nothing(linked)
  if (!one) return Leadership.changeMembers(linked)
  // Another disk than the one that acknowledged holds nothing of what was acknowledged.
  const fresh = one.storeId === link.storeId
    ? SnapshotTransfer.afresh(linked, one)
    : Progress.initial(linked.log.lastIndex, link.storeId)
  const leading = Followers.withProgress(linked, peer, fresh)
  return andThen(andThen(Replication.replicateTo(leading, [peer]), Leadership.heartbeat), Leadership.changeMembers)
}

export const disconnected = (state: RaftState, peer: NodeId): Step => {
  const links = new Map(state.links)
  links.delete(peer)
  const unlinked = { ...state, links }
  if (isLeading(unlinked)) {
    const leading = Followers.lost(unlinked, peer)
    return nothing(leading.role.transfer?.to === peer ? Transfer.giveUp(leading) : leading)
  }
  // The leader may be dead: ask soon, and let others ask. If it lives, the rest still hears it and refuses.
  return leaderOf(unlinked) === peer
    ? arm({ ...unlinked, role: followerOf(null) }, "lost-leader")
    : nothing(unlinked)
}
