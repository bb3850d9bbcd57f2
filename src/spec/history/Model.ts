/**
 * What clients can see of an exclusive lock, as a machine that takes one event after another: free or held, with tokens
 * that rise and leases that last.
 *
 * It is `LockSpec` with all left out that a history does not tell: sessions, queues, the log. A grant may end by time
 * from its lease's end on, and is taken to have ended as late as it can, so that an event has hardly ever two outcomes.
 */
import type { Event, LockHistory } from "./LockHistory.ts"

export interface State {
  /** The earliest moment at which all so far can have happened. */
  readonly time: number
  /** The token of the present grant. */
  readonly holder: number
  /** Until then the holder's lease lasts. */
  readonly until: number
  /** The greatest token so far. */
  readonly lastToken: number
  /** How many of the anonymous acquires have been granted. */
  readonly anonymous: number
  /** Of the grants whose release was asked for more than once: those that ended by release. */
  readonly released: ReadonlyArray<number>
}

export const nobody = 0
/** The holder by an acquire of which nobody learned more; its client may hang up, so it may end at any time. */
const somebody = -1

export const initial: State = { time: 0, holder: nobody, until: 0, lastToken: 0, anonymous: 0, released: [] }

/** The states after an event: none if it cannot come next. */
export const step = (history: LockHistory, state: State, event: Event): ReadonlyArray<State> =>
  after(history, { ...state, time: Math.max(state.time, event.start) }, event).filter(({ time }) => time <= event.end)

const after = (history: LockHistory, state: State, event: Event): ReadonlyArray<State> => {
  const { lease, token } = event
  const isHolder = state.holder === token
  switch (event.does) {
    case "grant":
      return token <= state.lastToken ? [] : freed(history, state).map((free) => ({
        ...free,
        holder: token,
        lastToken: token,
        until: free.time + lease
      }))
    case "release":
      if (isHolder) return [released(history, state)]
      // It was done by another request, and this one is told the same again.
      return state.released.includes(token) ? [state] : []
    case "extend":
      return isHolder ? [{ ...state, until: Math.max(state.until, state.time + lease) }] : []
    case "see holder":
      return isHolder ? [state] : []
    case "see free":
      return freed(history, state)
    case "see taken":
      return state.holder === nobody ? takenBySomebody(history, state) : [state]
    case "see other":
      return isHolder ? freed(history, state) : [state]
  }
}

const released = ({ releasedTwice }: LockHistory, state: State): State => ({
  ...state,
  holder: nobody,
  until: 0,
  released: releasedTwice.has(state.holder) ? [...state.released, state.holder] : state.released
})

/** The holder is gone: a release of unknown outcome was done, or its lease ran out. */
const freed = (history: LockHistory, state: State): ReadonlyArray<State> => {
  if (state.holder === nobody) return [state]
  if (state.holder === somebody) return [{ ...state, holder: nobody }]
  const expired = { ...state, holder: nobody, until: 0, time: Math.max(state.time, state.until) }
  const asked = history.mayBeReleased.get(state.holder)
  if (asked === undefined) return [expired]
  const done = released(history, { ...state, time: Math.max(state.time, asked) })
  // Only if it is said to be released once more does it make a difference which of the two it was.
  if (done.time <= expired.time) return [done]
  return history.releasedTwice.has(state.holder) ? [expired, done] : [expired]
}

/** All acquires of unknown outcome that were sent by now are alike, so the one that was sent first will do. */
const takenBySomebody = ({ anonymous, doubtful }: LockHistory, state: State): ReadonlyArray<State> => {
  const since = doubtful.reduce(
    (first, { start, token }) => token > state.lastToken ? Math.min(first, start) : first,
    Infinity
  )
  if (since <= state.time) return [{ ...state, holder: somebody }]
  const sent = anonymous[state.anonymous] ?? Infinity
  if (since === Infinity && sent === Infinity) return []
  const taken = { ...state, time: Math.max(state.time, Math.min(since, sent)), holder: somebody }
  return [sent < since ? { ...taken, anonymous: state.anonymous + 1 } : taken]
}
