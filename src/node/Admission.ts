/**
 * Whom a node talks to: the members of its own cluster, each on the disk that the log has recorded, and
 * a node with an empty disk that asks to become one.
 */
import { clusterIdOf, memberOf, type RaftState } from "../raft/RaftState.ts"
import type { Hello, Refusal } from "./Transport.ts"

/** What a node says of itself to a peer, besides its addresses. */
export const introduce = (
  state: RaftState,
  asks: boolean
): Pick<Hello, "nodeId" | "storeId" | "clusterId" | "hasEntries" | "lastIndex" | "joins"> => ({
  nodeId: state.self,
  storeId: state.storeId,
  clusterId: clusterIdOf(state),
  hasEntries: state.log.lastIndex > 0,
  lastIndex: state.log.lastIndex,
  // It asks until its own log says that it is in; by then others may be behind, and admit it because it asks.
  joins: asks && !(memberOf(state, state.self)?.voter ?? false)
})

/** Null lets the peer in. */
export const judge = (state: RaftState, hello: Hello): Refusal | null => {
  const ours = clusterIdOf(state)
  if (ours !== null && hello.clusterId !== null && ours !== hello.clusterId) return wrongCluster(state, hello, ours)
  if (hello.joins) return null
  const member = memberOf(state, hello.nodeId)
  if (!member) return isKnowinglyGone(state, hello) ? removed(hello) : unknown(state, hello)
  return member.storeId === null || member.storeId === hello.storeId ? null : diskReplaced(hello)
}

/** This node has all that the peer has in its log, and knows for certain that the cluster goes on without it. */
const isKnowinglyGone = ({ commitIndex, configs }: RaftState, { hasEntries, lastIndex, nodeId }: Hello): boolean => {
  const committed = configs.findLast(({ index }) => index <= commitIndex)
  return committed !== undefined && hasEntries && lastIndex <= commitIndex &&
    committed.membership.members.every((member) => member.nodeId !== nodeId)
}

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

const removed = ({ nodeId }: Hello): Refusal => ({
  reason: "removed",
  message: `${nodeId} was removed from its cluster. To bring it back, start it with --join on an empty data directory`
})

const diskReplaced = ({ nodeId }: Hello): Refusal => ({
  reason: "disk-replaced",
  message: `disk replaced: ${nodeId} was a member with another data directory than the one it has now. ` +
    "Give it its old one back; or, if that is lost, start it with --rejoin, which lets it come back as a new member"
})
