/**
 * Whom a node lets in, as the shell's admission does: members, whoever asks to join, and who may be a member of
 * what this node has not heard of yet. Worse than the shell it lets a member in whatever its disk is.
 */
import type { Membership, NodeId, StoreId } from "../../raft/Membership.ts"
import { configAt, memberOf, membersOf, type RaftState } from "../../raft/RaftState.ts"
import type { SimNode } from "./SimNode.ts"

export const judge = (self: RaftState, peer: SimNode, isJoining: boolean): "admitted" | "unknown" | "removed" => {
  const { disk: { storeId }, id, state } = peer
  if (memberOf(self, id) || membersOf(self).length === 0) return "admitted"
  // As long as it is not committed, the removed one is needed, or must hear of it.
  if (isLeading(self, id) || names(configAt(self, self.commitIndex)?.membership, id)) return "admitted"
  if (isJoining) return self.configs.some(({ membership }) => names(membership, id, storeId)) ? "removed" : "admitted"
  // What it has beyond what is known to be committed here may name it.
  const lastIndex = state?.log.lastIndex ?? 0
  if (lastIndex > self.commitIndex) return "admitted"
  return lastIndex === 0 ? "unknown" : "removed"
}

/** Whether a node asks to be let in, which it does until a membership names its store. */
export const joins = ({ asks, disk, id, members, state }: SimNode): boolean =>
  asks && members.length === 0 && !names(state?.configs.at(-1)?.membership, id, disk.storeId)

const isLeading = ({ role }: RaftState, id: NodeId): boolean => role._tag === "Leader" && role.progress.has(id)

const names = (membership: Membership | undefined, id: NodeId, store?: StoreId): boolean =>
  membership?.members.some(({ nodeId, storeId }) => nodeId === id && (store ?? storeId) === storeId) === true
