/**
 * The rule for all servers: whoever meets a newer term becomes a follower in it (§5.1). Also how a
 * leader steps down within its term, and how the election timer is started.
 */
import { Action } from "./Action.ts"
import type { Term } from "./Entry.ts"
import { followerOf, hardStateOf, type RaftState } from "./RaftState.ts"
import { andThen, nothing, type Step } from "./Step.ts"

/** Starts the election timer anew; whatever an older arming brings is stale. */
export const arm = (state: RaftState, after: "timeout" | "lost-leader"): Step => {
  const arming = state.arming + 1
  return [{ ...state, arming }, [{ _tag: "ArmElectionTimer", arming, after }]]
}

/**
 * Enters a newer term as a follower of nobody yet. The term is durable before any answer given in it.
 *
 * Only a leader, which has no election timer, starts one: a candidate that cannot win must not keep
 * others from trying by raising the term (figure 2: the timer starts anew for a leader or a vote).
 */
export const adoptTerm = (state: RaftState, term: Term): Step => {
  if (term <= state.term) return nothing(state)
  const next: RaftState = { ...state, term, votedFor: null, role: followerOf(null) }
  const persist: Step = [next, [Action.PersistHardState({ hardState: hardStateOf(next) })]]
  return state.role._tag === "Leader" ? andThen(persist, (s) => arm(s, "timeout")) : persist
}

/** Steps down within the term: the vote stays given (§5.2), the election timer runs again. */
export const stepDown = (state: RaftState): Step => arm({ ...state, role: followerOf(null) }, "timeout")
