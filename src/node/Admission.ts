/**
 * Whom a node talks to: the members of its own cluster, each on the disk that the log has recorded.
 */
import { clusterIdOf, memberOf, type RaftState } from "../raft/RaftState.ts"
import type { Hello, Refusal } from "./Transport.ts"

/** What a node says of itself to a peer, besides its addresses. */
export const introduce = (state: RaftState): Pick<Hello, "nodeId" | "storeId" | "clusterId" | "hasEntries"> => ({
  nodeId: state.self,
  storeId: state.storeId,
  clusterId: clusterIdOf(state),
  hasEntries: state.log.lastIndex > 0
})

/** Null lets the peer in. */
export const judge = (state: RaftState, hello: Hello): Refusal | null => {
  const ours = clusterIdOf(state)
  if (ours !== null && hello.clusterId !== null && ours !== hello.clusterId) {
    return {
      reason: "wrong-cluster",
      message: `${hello.nodeId} has the data of cluster ${hello.clusterId}, and ${state.self} belongs to cluster ` +
        `${ours}: point one of them at the right data directory, or empty the wrong one`
    }
  }
  const member = memberOf(state, hello.nodeId)
  if (!member) {
    return {
      reason: "unknown-node",
      message:
        `${hello.nodeId} is not a member of the cluster as ${state.self} knows it: compare HOLDFAST_PEERS on both`
    }
  }
  if (member.storeId !== null && member.storeId !== hello.storeId) {
    return {
      reason: "disk-replaced",
      message: `disk replaced: ${hello.nodeId} was a member with another data directory than the one it has now. ` +
        "Give it its old one back; what it promised on the old one must not be forgotten"
    }
  }
  return null
}
