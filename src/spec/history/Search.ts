/**
 * Looks for an order in which the events of one lock can have happened, one at a time, each between its start and its
 * end (Wing and Gong 1993; with the list and the memory of states of Lowe 2017).
 *
 * It finds one if there is one. It gives up, and says so, after a number of states that no sound history comes near.
 */
import type { Event, LockHistory } from "./LockHistory.ts"
import { initial, type State, step } from "./Model.ts"

export type Search =
  | { readonly found: "order" }
  /** Nothing that started after `until` has to do with it. `order` is the last of one that leads as far as any. */
  | { readonly found: "no order"; readonly until: number; readonly order: ReadonlyArray<Event>; readonly state: State }
  | { readonly found: "too many states" }

/** A choice that was made, and those that are left. */
interface Choice {
  readonly candidates: ReadonlyArray<Candidate>
  next: number
  taken: number
}

interface Candidate {
  readonly at: number
  readonly after: State
}

export const search = (history: LockHistory, statesMax = 3_000_000): Search => {
  const left = new Left(history.events)
  const visited = new Visited()
  const choices: Array<Choice> = []
  let state = initial
  let states = 0
  let until = 0
  let best: { readonly length: number; readonly order: ReadonlyArray<Event>; readonly state: State } | undefined
  while (!left.isEmpty) {
    until = Math.max(until, left.firstEnd())
    const candidates = candidatesOf(history, left, state)
    if (candidates.length === 0 && choices.length >= (best?.length ?? 0)) {
      best = { length: choices.length, order: orderOf(history, choices.slice(-orderShownMax)), state }
    }
    choices.push({ candidates, next: 0, taken: -1 })
    const next = advance(choices, left, visited)
    if (next === undefined) return { found: "no order", until, order: best?.order ?? [], state: best?.state ?? state }
    if (++states > statesMax) return { found: "too many states" }
    state = next
  }
  return { found: "order" }
}

const orderShownMax = 12

/** Takes the next candidate of the latest choice that has one. */
const advance = (choices: Array<Choice>, left: Left, visited: Visited): State | undefined => {
  for (let choice = choices.at(-1); choice !== undefined; choice = choices.at(-1)) {
    if (choice.taken >= 0) left.putBack(choice.taken)
    choice.taken = -1
    for (let one = choice.candidates[choice.next++]; one !== undefined; one = choice.candidates[choice.next++]) {
      left.take(one.at)
      choice.taken = one.at
      if (visited.isNew(left.key(), one.after)) return one.after
      left.putBack(one.at)
      choice.taken = -1
    }
    choices.pop()
  }
  return undefined
}

const orderOf = (history: LockHistory, choices: ReadonlyArray<Choice>): ReadonlyArray<Event> =>
  choices.flatMap(({ taken }) => taken < 0 ? [] : [history.events[taken]!])

/** What can come next: nothing that is left had ended before it began. What changes nothing is tried first. */
const candidatesOf = (history: LockHistory, left: Left, state: State): ReadonlyArray<Candidate> => {
  const firstEnd = left.firstEnd()
  const candidates: Array<Candidate> = []
  for (const at of left.startedBy(firstEnd)) {
    for (const after of step(history, state, history.events[at]!)) {
      // Whoever has ended by then could find no place any more.
      if (after.time <= firstEnd) candidates.push({ at, after })
    }
  }
  const cost = ({ after, at }: Candidate): number =>
    after.holder === state.holder && after.until === state.until ? 0 : history.events[at]!.end
  return candidates.toSorted((a, b) => cost(a) - cost(b))
}

/** The events that have no place yet, as a list in order of their starts: each can be taken out and put back. */
class Left {
  readonly #events: ReadonlyArray<Event>
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #isTaken: Uint8Array
  /** No event from here on has been taken. */
  #frontier = 0

  constructor(events: ReadonlyArray<Event>) {
    this.#events = events
    // The last place is the head of the list.
    this.#next = Int32Array.from({ length: events.length + 1 }, (_, at) => at === events.length ? 0 : at + 1)
    this.#previous = Int32Array.from({ length: events.length + 1 }, (_, at) => at === 0 ? events.length : at - 1)
    this.#isTaken = new Uint8Array(events.length + 1)
  }

  get isEmpty(): boolean {
    return this.#next[this.#events.length] === this.#events.length
  }

  take(at: number): void {
    this.#next[this.#previous[at]!] = this.#next[at]!
    this.#previous[this.#next[at]!] = this.#previous[at]!
    this.#isTaken[at] = 1
    if (at >= this.#frontier) this.#frontier = at + 1
  }

  /** In the reverse of the order in which they were taken. */
  putBack(at: number): void {
    this.#next[this.#previous[at]!] = at
    this.#previous[this.#next[at]!] = at
    this.#isTaken[at] = 0
    if (at === this.#frontier - 1) {
      while (this.#frontier > 0 && this.#isTaken[this.#frontier - 1] === 0) this.#frontier--
    }
  }

  /** When the first of them had ended. */
  firstEnd(): number {
    let end = Infinity
    for (let at = this.#first(); at < this.#events.length; at = this.#next[at]!) {
      const event = this.#events[at]!
      if (event.start > end) break
      end = Math.min(end, event.end)
    }
    return end
  }

  *startedBy(moment: number): Iterable<number> {
    for (let at = this.#first(); at < this.#events.length; at = this.#next[at]!) {
      if (this.#events[at]!.start > moment) return
      yield at
    }
  }

  /** Names the set: its members below the frontier, and the frontier. */
  key(): string {
    let key = String(this.#frontier)
    for (let at = this.#first(); at < this.#frontier; at = this.#next[at]!) key += `,${at}`
    return key
  }

  #first(): number {
    return this.#next[this.#events.length]!
  }
}

/** States that were seen with the same events left: one that is no better than another leads nowhere new. */
class Visited {
  readonly #states = new Map<string, Array<State>>()

  isNew(left: string, state: State): boolean {
    const key = `${state.holder};${state.released.join(",")};${left}`
    const seen = this.#states.get(key)
    if (seen === undefined) {
      this.#states.set(key, [state])
      return true
    }
    if (seen.some((one) => isAsGood(one, state))) return false
    seen.push(state)
    return true
  }
}

/** Earlier, with a lease that ends earlier and more acquires to spare: it can be followed by all that `other` can. */
const isAsGood = (one: State, other: State): boolean =>
  one.time <= other.time && one.until <= other.until && one.anonymous <= other.anonymous
