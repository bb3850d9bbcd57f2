/**
 * The changes of the membership that are asked for: a node is added as a learner, and becomes a voter by itself
 * (`Promotion`); a node is removed, the leader not excepted.
 */
import { Schema } from "effect"
import * as ChangeRule from "./ChangeRule.ts"
import { type Membership, NodeId } from "./Membership.ts"
import { isLeading, type Leading, memberOf, type RaftState } from "./RaftState.ts"

export const Change = Schema.TaggedUnion({
  /** `raft` is where its Raft port is, `host:port`. */
  AddLearner: { nodeId: NodeId, raft: Schema.String },
  Remove: { nodeId: NodeId }
})
export type Change = typeof Change.Type

export type Refusal = "not-leader" | "in-progress" | "no-such-member" | "already-member" | "last-voter"

/**
 * Why this change is not made now; null if it is. `in-progress` goes away by itself. `last-voter`: without this
 * one, the voters that count and can be reached would be no majority, and nothing would ever commit again.
 */
export const refusal = (state: RaftState, change: Change): Refusal | null => {
  if (!isLeading(state)) return "not-leader"
  if (!ChangeRule.isOpen(state)) return "in-progress"
  const isMember = memberOf(state, change.nodeId) !== undefined
  if (change._tag === "AddLearner") return isMember ? "already-member" : null
  if (!isMember) return "no-such-member"
  return ChangeRule.keepsMajority(state, changed(state, change).members) ? null : "last-voter"
}

/** The membership after the change. */
export const changed = (state: Leading, change: Change): Membership => {
  const { membership } = state.configs.at(-1)!
  const others = membership.members.filter(({ nodeId }) => nodeId !== change.nodeId)
  if (change._tag === "Remove") return { ...membership, members: others }
  const { nodeId, raft } = change
  const storeId = state.links.get(nodeId)?.storeId ?? null
  return { ...membership, members: [...others, { nodeId, raft, voter: false, storeId }] }
}
