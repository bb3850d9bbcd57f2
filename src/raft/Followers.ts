/**
 * Whom a leader replicates to: every other member, and whoever has been removed until it can know of it, so that
 * it stops instead of asking for votes for ever (dissertation §4.2.3).
 */
import type { LogIndex } from "./Entry.ts"
import type { NodeId } from "./Membership.ts"
import * as Progress from "./Progress.ts"
import { type Leading, memberOf, membersOf, type RaftState } from "./RaftState.ts"
import * as Replication from "./Replication.ts"
import { nothing, type Step } from "./Step.ts"

type Followers = ReadonlyMap<NodeId, Progress.Progress>

/** All members but this one. Of whom nothing is known it is assumed that its log ends as the leader's did here. */
export const of = (state: RaftState, lastIndex: LogIndex, known: Followers = new Map()): Followers => {
  const progress = new Map(known)
  for (const { nodeId } of membersOf(state)) {
    if (nodeId === state.self || known.has(nodeId)) continue
    progress.set(nodeId, Progress.initial(lastIndex, state.links.get(nodeId)?.storeId ?? null))
  }
  return progress
}

/** The link is gone. Who has been removed will find out when it comes back. */
export const lost = (state: Leading, peer: NodeId): Leading => {
  const one = state.role.progress.get(peer)
  if (!one) return state
  return memberOf(state, peer) ? withProgress(state, peer, Progress.disconnected(one)) : without(state, peer)
}

/** A removed follower that holds the membership without it is told that this is committed, and let go. */
export const dismiss = (state: Leading, peer: NodeId): Step => {
  const one = state.role.progress.get(peer)
  const { index } = state.configs.at(-1)!
  if (!one || memberOf(state, peer) || one.matchIndex < index || state.commitIndex < index) return nothing(state)
  const [, actions] = Replication.beatTo(withProgress(state, peer, Progress.disconnected(one)), [peer])
  return [without(state, peer), actions]
}

export const withProgress = (state: Leading, peer: NodeId, one: Progress.Progress): Leading => ({
  ...state,
  role: { ...state.role, progress: new Map(state.role.progress).set(peer, one) }
})

const without = (state: Leading, peer: NodeId): Leading => ({
  ...state,
  role: { ...state.role, progress: new Map([...state.role.progress].filter(([id]) => id !== peer)) }
})
