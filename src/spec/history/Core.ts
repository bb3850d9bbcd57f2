/**
 * The smallest part of a history of one lock that has no order, whatever one believes of the rest.
 *
 * Parts of the history are disbelieved, one after another, for as long as no order appears: a read, a refusal or a
 * renewal is then as if it had not been recorded, a grant or a release as if nobody knew its outcome.
 */
import { lockHistory } from "./LockHistory.ts"
import type { State } from "./Model.ts"
import type { Operation } from "./Operation.ts"
import { type Search, search } from "./Search.ts"

export interface Core {
  /** In order of their starts. */
  readonly operations: ReadonlyArray<Operation>
  /** The acquires of the grants that these are about, where they are not among them: for the reader. */
  readonly about: ReadonlyArray<Operation>
  /** What can come first, one after the other, and the state in which nothing else of it can come next. */
  readonly order: ReadonlyArray<Operation>
  readonly state: State
}

/** More searches than this would take longer than a reader waits; what is then left is shown. */
const searchesMax = 2_000
const statesMax = 200_000

/** Of the history of a lock that has no order. */
export const coreOf = (
  operations: ReadonlyArray<Operation>,
  leaseMsDefault: number,
  failed: Search & { readonly found: "no order" }
): Core => {
  const suspects = operations.filter(({ result, start }) =>
    start <= failed.until && result !== "unknown" && result !== "fail"
  )
  // What comes later explains none of them, but before their ends anything may have happened that does.
  const horizon = suspects.reduce((latest, { end }) => Math.max(latest, end), 0)
  const relevant = operations.filter(({ start }) => start <= horizon)
  const searchBelieving = (believed: ReadonlyArray<Operation>): Search => {
    const all = new Set(believed)
    const part = relevant.flatMap((operation) => all.has(operation) ? operation : disbelieved(operation))
    return search(lockHistory(part, leaseMsDefault), statesMax)
  }
  let core: ReadonlyArray<Operation> = suspects
  let last = failed
  let searches = 0
  for (let length = Math.ceil(core.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let end = core.length; end > 0 && searches < searchesMax; end = Math.min(end - length, core.length)) {
      const smaller = core.toSpliced(Math.max(0, end - length), Math.min(end, length))
      const result = searchBelieving(smaller)
      searches += 1
      if (result.found !== "no order") continue
      core = smaller
      last = result
    }
  }
  return told(relevant, core, last)
}

/** What is left of an operation that is not believed. */
export const disbelieved = (operation: Operation): ReadonlyArray<Operation> => {
  const isChange = operation.op === "acquire" || operation.op === "release"
  if (operation.result === "unknown" || operation.result === "fail") return [operation]
  return isChange && operation.result === "ok" ? [{ ...operation, result: "unknown" }] : []
}

const told = (
  relevant: ReadonlyArray<Operation>,
  core: ReadonlyArray<Operation>,
  { order, state }: Search & { readonly found: "no order" }
): Core => {
  const tokens = new Set([...core.map(({ token }) => token), state.holder])
  return {
    operations: core.toSorted((a, b) => a.start - b.start),
    about: relevant.filter((one) =>
      one.op === "acquire" && one.token !== null && tokens.has(one.token) && !core.includes(one)
    ),
    // Of a wait in vain the end must have a place too.
    order: order.filter(({ end, operation }) => end === operation.end && core.includes(operation))
      .map(({ operation }) => operation),
    state
  }
}
