/**
 * A step of the core: the next state and what the shell is asked to do, in order.
 */
import type { Action } from "./Action.ts"
import type { RaftState } from "./RaftState.ts"

export type Step = readonly [state: RaftState, actions: ReadonlyArray<Action>]

export const nothing = (state: RaftState): Step => [state, []]

/** Goes on from where a step ended; the actions of both are done in order. */
export const andThen = ([state, actions]: Step, next: (state: RaftState) => Step): Step => {
  const [after, more] = next(state)
  return [after, actions.length === 0 ? more : more.length === 0 ? actions : [...actions, ...more]]
}

/** A rule of Raft has been broken. The node must stop: going on could spread the damage. */
export const violated = (invariant: string): never => {
  throw new Error(`broken invariant: ${invariant}`)
}
