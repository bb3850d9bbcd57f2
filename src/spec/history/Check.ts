/**
 * The verdict on a recorded history: is there an order, of one thing after another, that explains all that clients
 * were told, lock by lock; and do the tokens of all locks rise together.
 *
 * A "no" names the operations that cannot all be true. A history with hardly any grants shows nothing, however clean
 * it is: whoever records one counts them.
 */
import { type Core, coreOf } from "./Core.ts"
import { lockHistory } from "./LockHistory.ts"
import type { Operation } from "./Operation.ts"
import { search } from "./Search.ts"
import { tokenFaults } from "./TokenOrder.ts"

export interface Fault {
  /** Null if it is about several locks. */
  readonly lock: string | null
  readonly rule: "no order" | "repeated token" | "falling token"
  /** In order of their starts. */
  readonly operations: ReadonlyArray<Operation>
  /** Of "no order". */
  readonly core?: Core
}

export interface Verdict {
  readonly operations: number
  readonly locks: number
  readonly grants: number
  readonly unknown: number
  readonly faults: ReadonlyArray<Fault>
  /** Locks for which the search gave up. */
  readonly undecided: ReadonlyArray<string>
}

export interface Options {
  /** How long a grant or a renewal lasts whose line has no `leaseMs`; for ever, if nothing is said. */
  readonly leaseMs?: number | undefined
}

export const check = (operations: ReadonlyArray<Operation>, { leaseMs = Infinity }: Options = {}): Verdict => {
  const byLock = Map.groupBy(operations, ({ name }) => name)
  const faults: Array<Fault> = [...tokenFaults(operations)]
  const undecided: Array<string> = []
  for (const [lock, ofLock] of byLock) {
    const result = search(lockHistory(ofLock, leaseMs))
    if (result.found === "too many states") undecided.push(lock)
    if (result.found !== "no order") continue
    const core = coreOf(ofLock, leaseMs, result)
    faults.push({ lock, rule: "no order", operations: core.operations, core })
  }
  return {
    operations: operations.length,
    locks: byLock.size,
    grants: operations.filter(({ op, result }) => op === "acquire" && result === "ok").length,
    unknown: operations.filter(({ result }) => result === "unknown").length,
    faults,
    undecided
  }
}
