/**
 * A rule that a run has broken, told so that the run can be repeated.
 */
import type { Scenario } from "../Scenario.ts"

export class Violation extends Error {
  readonly scenario: Scenario
  readonly atMillis: number
  readonly rule: string

  constructor(scenario: Scenario, atMillis: number, cause: unknown) {
    const rule = cause instanceof Error ? cause.message : String(cause)
    super(`seed ${scenario.seed} at ${Math.round(atMillis)} ms: ${rule}`, { cause })
    this.name = "Violation"
    this.scenario = scenario
    this.atMillis = atMillis
    this.rule = rule
  }
}

/** Names the invariant that a check belongs to. */
export const checked = (name: string, check: () => void): void => {
  try {
    check()
  } catch (cause) {
    throw named(name, cause)
  }
}

/** Each in turn, the same check of all: there are ten and more after every step of every node. */
export const checkedAll = <I extends { readonly name: string }>(
  all: ReadonlyArray<I>,
  check: (one: I) => void
): void => {
  let current = ""
  try {
    for (const one of all) {
      current = one.name
      check(one)
    }
  } catch (cause) {
    throw named(current, cause)
  }
}

const named = (name: string, cause: unknown): Error =>
  new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
