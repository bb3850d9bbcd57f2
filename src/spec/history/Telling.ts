/**
 * A verdict as a text for people: what was checked, and for each fault the operations that cannot all be true.
 */
import type { Fault, Verdict } from "./Check.ts"
import type { Core } from "./Core.ts"
import { nobody, type State } from "./Model.ts"
import type { Operation } from "./Operation.ts"

const faultsShownMax = 10

export const tell = (verdict: Verdict): string => {
  const { faults, grants, locks, operations, undecided, unknown } = verdict
  return [
    `${operations} operations on ${locks} locks: ${grants} grants, ${unknown} of unknown outcome`,
    ...faults.slice(0, faultsShownMax).flatMap((fault) => ["", ...tellFault(fault)]),
    ...(faults.length > faultsShownMax ? ["", `and ${faults.length - faultsShownMax} more faults`] : []),
    ...undecided.map((lock) => `UNDECIDED lock ${JSON.stringify(lock)}: too many orders to try`),
    faults.length > 0
      ? `NOT LINEARIZABLE: ${faults.length} faults`
      : undecided.length > 0
      ? "UNDECIDED"
      : "linearizable"
  ].join("\n")
}

const titles: Readonly<Record<Fault["rule"], string>> = {
  "no order": "these operations can have happened in no order, whatever became of the rest",
  "repeated token": "one token was given more than once",
  "falling token": "a grant that was asked for after another was answered has the smaller token"
}

/** One fault, as lines. */
export const tellFault = ({ core, lock, operations, rule }: Fault): ReadonlyArray<string> => [
  `${lock === null ? "Two locks" : `Lock ${JSON.stringify(lock)}`}: ${titles[rule]}:`,
  ...operations.map((operation, at) => `${String(at + 1).padStart(4)}. ${tellOperation(operation)}`),
  ...(core === undefined ? [] : tellCore(core))
]

const tellOperation = (operation: Operation): string => {
  const { client, end, leaseMs, op, owner, result, start, token, waitMs } = operation
  const wait = waitMs === undefined || waitMs === 0 ? "" : `, waiting ${waitMs} ms`
  const lease = leaseMs === undefined || result !== "ok" ? "" : `, for ${leaseMs} ms`
  const about = op === "get" ? `shows ${token === null ? "it free" : `token ${token} of ${owner}`}` : `by ${owner}`
  const outcome = op === "get" ? "" : `: ${result}${token === null ? "" : ` with token ${token}`}`
  return `${time(start)} to ${time(end)}  ${client}  ${op} ${about}${wait}${outcome}${lease}`
}

const tellCore = ({ about, operations, order, state }: Core): ReadonlyArray<string> => {
  const placed = order.map((operation) => operations.indexOf(operation) + 1).join(", ")
  const stuck = placed === "" ? "Nothing of it can come first" : `After ${placed} nothing can come next`
  return [
    ...about.map((operation) => `      to know: ${tellOperation(operation)}`),
    `      ${stuck}: ${tellState(state)}.`
  ]
}

const tellState = ({ holder, lastToken, until }: State): string => {
  if (holder === nobody) {
    return lastToken === 0
      ? "nobody has held it"
      : `it is free, and the last token was ${lastToken}`
  }
  if (holder < 0) return "somebody holds it whose answer was lost"
  return `token ${holder} holds it${until === Infinity ? "" : ` until ${time(until)} at least`}`
}

const time = (nanos: number): string => `${(nanos / 1e9).toFixed(6)} s`
