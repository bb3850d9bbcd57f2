/**
 * Makes a failing scenario small: fewer nodes, fewer clients, fewer faults, a calmer network, as long as it still
 * breaks a rule of the same kind. What is left is what the failure needs.
 */
import { Effect } from "effect"
import { unpacedMax } from "../node/requests/RenewalPace.ts"
import type { Fault } from "./Fault.ts"
import type { Scenario } from "./Scenario.ts"

/** The rule that a scenario breaks; null if it breaks none. */
export type Breaks = (scenario: Scenario) => Effect.Effect<string | null>

/** As small as so many tries make it. */
export const shrink = Effect.fnUntraced(function*(scenario: Scenario, breaks: Breaks, triesMax = 400) {
  const rule = yield* breaks(scenario)
  if (rule === null) return scenario
  const kind = kindOf(rule)
  let left = triesMax
  const isSame: IsSame = (smaller) => {
    if (left === 0) return Effect.succeed(false)
    left -= 1
    return Effect.map(breaks(smaller), (broken) => broken !== null && kindOf(broken) === kind)
  }
  let best = scenario
  for (let isSmaller = true; isSmaller;) {
    const smaller = yield* fewerFaults(yield* calmer(best, isSame), isSame)
    isSmaller = smaller !== best
    best = smaller
  }
  return best
})

/** A rule's name stands before its first colon; which node broke it may change. */
const kindOf = (rule: string): string => (rule.split(":")[0] ?? rule).replaceAll(/\d+/g, "N")

type IsSame = (smaller: Scenario) => Effect.Effect<boolean>

type Step = (scenario: Scenario) => Partial<Scenario>

/** Each takes something away, or makes it plainer. */
const steps: ReadonlyArray<Step> = [
  ({ clients }) => ({ clients: { ...clients, count: 0 } }),
  ({ clients }) => ({ clients: { ...clients, count: Math.floor(clients.count / 2) } }),
  ({ clients }) => ({ clients: { ...clients, count: Math.max(0, clients.count - 1) } }),
  ({ clients }) => ({ clients: { ...clients, locks: 1 } }),
  ({ clients }) => ({ clients: { ...clients, cancelRate: 0, pauseRate: 0, vanishRate: 0 } }),
  ({ clients }) => ({ clients: { ...clients, lossRate: 0, duplicateRate: 0 } }),
  ({ voters }) => ({ voters: Math.max(1, voters - 2) }),
  () => ({ spares: 0 }),
  () => ({ learners: 0 }),
  () => ({ changeMillis: 0 }),
  () => ({ snapshotMillis: 0 }),
  () => ({ huntsLeaders: false }),
  () => ({ clockSpread: 0 }),
  () => ({ killRate: 0 }),
  () => ({ unpacedMax }),
  () => ({ lossRate: 0 }),
  () => ({ duplicateRate: 0 }),
  () => ({ lateRate: 0 }),
  () => ({ halfOpenRate: 0 }),
  () => ({ transferLossRate: 0 }),
  () => ({ installCrashRate: 0 }),
  () => ({ startMillisMax: 0 }),
  () => ({ syncMillisMax: 0 }),
  ({ faultyMillis }) => ({ faultyMillis: Math.ceil(faultyMillis / 2) }),
  ({ faultyMillis }) => ({ faultyMillis: Math.ceil(faultyMillis * 0.8) })
]

const calmer = Effect.fnUntraced(function*(scenario: Scenario, isSame: IsSame) {
  let best = scenario
  for (const step of steps) {
    const smaller = within({ ...best, ...step(best) })
    const isSmaller = JSON.stringify(smaller) !== JSON.stringify(best)
    if (isSmaller && (yield* isSame(smaller))) best = smaller
  }
  return best
})

/** Faults after the end strike nobody. */
const within = (scenario: Scenario): Scenario => ({
  ...scenario,
  faults: scenario.faults.filter(({ atMillis }) => atMillis < scenario.faultyMillis)
})

/** Leaves out ever smaller parts, down to single ones. */
const fewerFaults = Effect.fnUntraced(function*(scenario: Scenario, isSame: IsSame) {
  let best = scenario
  for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.faults.length;) {
      const faults: ReadonlyArray<Fault> = [...best.faults.slice(0, from), ...best.faults.slice(from + size)]
      const smaller = { ...best, faults }
      if ((yield* isSame(smaller))) best = smaller
      else from += size
    }
  }
  return best
})
