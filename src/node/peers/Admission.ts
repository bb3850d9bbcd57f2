/**
 * Whom a node talks to: the members of its own cluster, each on the disk that the log has recorded, one with an empty
 * disk that asks to become a member, and one that may be a member by entries that this node lacks. Never a disk that
 * was put back to an older copy of itself.
 */
import type { Member } from "../../raft/Membership.ts"
import { clusterIdOf, configAt, memberOf, type RaftState, wasMember } from "../../raft/RaftState.ts"
import type { Shell } from "../Shell.ts"
import type { Hello, Refusal } from "../Transport.ts"
import * as Founding from "./Founding.ts"
import * as GoneBack from "./GoneBack.ts"
import * as PeerMarks from "./PeerMarks.ts"

/** What a node says of itself to a peer, besides its addresses. */
export const introduce = (
  shell: Pick<Shell, "asksToJoin" | "doubted" | "state">
): Pick<Hello, "nodeId" | "storeId" | "clusterId" | "hasEntries" | "lastIndex" | "joins"> => {
  const { asksToJoin, state } = shell
  return {
    nodeId: state.self,
    storeId: state.storeId,
    clusterId: Founding.clusterOf(shell),
    hasEntries: state.log.lastIndex > 0,
    lastIndex: state.log.lastIndex,
    // It asks until its own log says that it is in, on this disk: of an older one there may be much in the log that
    // it is still being sent. By then others may be behind, and admit it because it asks.
    joins: asksToJoin && !isVoter(state)
  }
}

const isVoter = (state: RaftState): boolean => {
  const member = memberOf(state, state.self)
  return member?.voter === true && member.storeId === state.storeId
}

/** Null lets the peer in, which has perhaps let in this node before. */
export const judge = (
  shell: Pick<Shell, "asksToJoin" | "doubted" | "hellos" | "linked" | "marks" | "state">,
  hello: Hello,
  hasLetIn = false
): Refusal | null => {
  const { marks, state } = shell
  const ours = clusterIdOf(state)
  if (ours !== null && Founding.isForeign(shell, hello, hasLetIn)) return wrongCluster(state, hello, ours)
  // What is on its way from a follower may be ahead of what the marks have of it.
  PeerMarks.observe(marks, state)
  const goneBack = GoneBack.judge(shell, hello)
  if (goneBack) return goneBack
  if (isInUse(shell, hello)) return nameInUse(hello)
  const member = memberOf(state, hello.nodeId) ?? committed(state, hello)
  // Who was let in and removed before it heard of either would ask for ever: it is not let in again on that disk.
  if (hello.joins) return !member && wasMember(state, hello.nodeId, hello.storeId) ? removed(hello) : null
  if (member?.storeId === null || member?.storeId === hello.storeId) return null
  // A name together with a store is one server: on a disk that this node does not know it is a stranger like any other.
  if (mayKnowMore(shell, hello)) return null
  if (member) return diskReplaced(hello)
  return ours !== null && hello.hasEntries ? removed(hello) : unknown(state, hello)
}

/**
 * Whether another process is at work under that name, with a disk of its own: two of them would take each other's
 * place, over and over. Whoever is refused may try again: a link that has just ended may be news to this node.
 */
const isInUse = (
  { hellos, linked, state }: Pick<Shell, "hellos" | "linked" | "state">,
  { nodeId, storeId }: Hello
): boolean => {
  const present = nodeId === state.self ? state : linked.has(nodeId) ? hellos.get(nodeId) : undefined
  return present !== undefined && present.storeId !== storeId
}

/** Whoever leaves is needed, or must hear of it, until that is committed. */
export const committed = (state: RaftState, { nodeId }: Hello): Member | undefined =>
  configAt(state, state.commitIndex)?.membership.members.find((member) => member.nodeId === nodeId)

/**
 * What this node does not have as committed may be a membership that names the peer: it may even be the leader that
 * this node waits for (dissertation §4.1). The core hears it as a stranger, who counts for nothing. Without that the
 * cluster has, for certain, gone on without the peer. A node that asks to join hears whoever has a cluster.
 */
export const mayKnowMore = (
  { asksToJoin, state }: Pick<Shell, "asksToJoin" | "state">,
  { hasEntries, lastIndex }: Hello
): boolean => hasEntries && (clusterIdOf(state) === null ? asksToJoin : lastIndex > state.commitIndex)

const wrongCluster = (state: RaftState, { clusterId, nodeId }: Hello, ours: string): Refusal => ({
  reason: "wrong-cluster",
  message: `${nodeId} has the data of cluster ${clusterId}, and ${state.self} belongs to cluster ` +
    `${ours}: point one of them at the right data directory, or empty the wrong one`
})

const unknown = (state: RaftState, { nodeId }: Hello): Refusal => ({
  reason: "unknown-node",
  message: `${nodeId} is not a member of the cluster as ${state.self} knows it: compare HOLDFAST_PEERS on both, ` +
    "or start it with --join on an empty data directory"
})

const nameInUse = ({ nodeId }: Hello): Refusal => ({
  reason: "name-in-use",
  message:
    `the name ${nodeId} is in use: another process runs under it, with a data directory of its own. Start this ` +
    `one with another --node-id; or, if it is to take the other's place, stop the other first`
})

const removed = ({ nodeId }: Hello): Refusal => ({
  reason: "removed",
  message: `${nodeId} was removed from its cluster. To bring it back, start it with --join on an empty data directory`
})

const diskReplaced = ({ nodeId }: Hello): Refusal => ({
  reason: "disk-replaced",
  message: `disk replaced: ${nodeId} was a member with another data directory than the one it has now. ` +
    "Give it its old one back; or, if that is lost, start it with --rejoin, which lets it come back as a new member"
})
