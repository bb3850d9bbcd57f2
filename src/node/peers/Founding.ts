/**
 * What a cluster's id is worth before its entry is known to be committed. A first leader mints it in entry 1, and may
 * fall before a majority has that entry; the next one then founds the cluster anew, under another id.
 *
 * So an id that differs does not make a stranger of a peer whose very store this node's membership names: stores have
 * random ids, and no store is of two clusters. And a node that learns of another id by such a peer speaks of its own no
 * more until that is committed, which it never is if the other one was. Which of the two entries goes is for Raft.
 */
import type { ClusterId, Membership } from "../../raft/Membership.ts"
import { clusterIdOf, memberOf, type RaftState } from "../../raft/RaftState.ts"
import type { Hello } from "../Transport.ts"

interface Doubting {
  readonly state: RaftState
  /** The id that a peer of the same cluster contradicts. */
  doubted: ClusterId | null
}

/** Of which cluster this node says that it is; null while it cannot say. */
export const clusterOf = ({ doubted, state }: Doubting): ClusterId | null => {
  const id = clusterIdOf(state)
  return id === doubted && state.commitIndex === 0 ? null : id
}

/**
 * Whether the peer's data is of another cluster than this node's. One that has let in this node under another id has
 * its very store in its membership: that is as good as having the peer's in this one's.
 */
export const isForeign = (shell: Doubting, { clusterId, nodeId, storeId }: Hello, hasLetIn: boolean): boolean => {
  const ours = clusterOf(shell)
  if (ours === null || clusterId === null || ours === clusterId) return false
  if (!hasLetIn && memberOf(shell.state, nodeId)?.storeId !== storeId) return true
  shell.doubted = ours
  return false
}

/** Each founder records the stores of a majority, so that of two who founded one cluster some store is in both. */
export const isOfOne = (one: Membership, other: Membership): boolean =>
  one.clusterId === other.clusterId ||
  one.members.some(({ storeId }) => storeId !== null && other.members.some((member) => member.storeId === storeId))
