/**
 * What is aimed at, as ratios to the floor of the same machine in the same run: absolute figures say more of the
 * machine than of the program.
 */
import { type Measured, ratio, type Spread } from "../lib/Measured.ts"
import { type Bound, judge, type Verdict } from "../lib/Verdict.ts"
import type { Run } from "../workload/Workload.ts"

/** Runs of one load and, each by its side, runs of the floor; of a load that has none beside it, none. */
export interface Beside {
  readonly runs: ReadonlyArray<Run>
  readonly floor: ReadonlyArray<Measured>
}

interface Target {
  readonly load: string
  readonly what: string
  readonly of: (beside: Beside) => Spread
  readonly bound: Bound
}

const rates = (operations: number) => ({ floor, runs }: Beside): Spread =>
  ratio(runs.map(({ perSecond }) => perSecond * operations), floor.map(({ perSecond }) => perSecond))

const targets: ReadonlyArray<Target> = [
  {
    load: "1 worker",
    what: "p50 of an acquire, one worker, to that of the floor",
    of: ({ floor, runs }) => ratio(runs.map(({ p50Ms }) => p50Ms), floor.map(({ p50Ms }) => p50Ms)),
    bound: { atMost: 1.5 }
  },
  {
    load: "1 worker",
    what: "p99 of an acquire, one worker, to that of the floor",
    of: ({ floor, runs }) => ratio(runs.map(({ p99Ms }) => p99Ms), floor.map(({ p99Ms }) => p99Ms)),
    bound: { atMost: 3 }
  },
  {
    load: "32 workers",
    what: "operations of 32 workers to those of the floor",
    of: rates(2),
    bound: { atLeast: 0.4 }
  },
  {
    // A release and the next grant are one entry.
    load: "hot, 32 workers",
    what: "hand-overs of one lock to operations of one worker of the floor",
    of: rates(1),
    bound: { atLeast: 0.6 }
  }
]

/** Of the loads that were run. */
export const verdicts = (
  measured: ReadonlyMap<string, Beside>
): ReadonlyArray<Verdict & { readonly load: string }> =>
  targets.flatMap(({ bound, load, of, what }) => {
    const beside = measured.get(load)
    return beside === undefined ? [] : [{ ...judge(what, of(beside), bound), load }]
  })
