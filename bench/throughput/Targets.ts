/**
 * What is aimed at, as ratios to the floor of the same machine in the same run: absolute figures say more of the
 * machine than of the program.
 */
import { type Measured, ratio, type Spread } from "../lib/Measured.ts"

/** Runs of one load and, each by its side, runs of the floor. */
export interface Beside {
  readonly runs: ReadonlyArray<Measured>
  readonly floor: ReadonlyArray<Measured>
}

interface Target {
  readonly load: string
  readonly what: string
  readonly of: (beside: Beside) => Spread
  readonly bound: number
  readonly atMost: boolean
}

export interface Verdict {
  readonly what: string
  readonly ratio: Spread
  readonly bound: string
  readonly isMet: boolean
}

const rates = (operations: number) => ({ floor, runs }: Beside): Spread =>
  ratio(runs.map(({ perSecond }) => perSecond * operations), floor.map(({ perSecond }) => perSecond))

const targets: ReadonlyArray<Target> = [
  {
    load: "1 worker",
    what: "p50 of an acquire, one worker, to that of the floor",
    of: ({ floor, runs }) => ratio(runs.map(({ p50Ms }) => p50Ms), floor.map(({ p50Ms }) => p50Ms)),
    bound: 1.5,
    atMost: true
  },
  {
    load: "1 worker",
    what: "p99 of an acquire, one worker, to that of the floor",
    of: ({ floor, runs }) => ratio(runs.map(({ p99Ms }) => p99Ms), floor.map(({ p99Ms }) => p99Ms)),
    bound: 3,
    atMost: true
  },
  {
    load: "32 workers",
    what: "operations of 32 workers to those of the floor",
    of: rates(2),
    bound: 0.4,
    atMost: false
  },
  {
    // A release and the next grant are one entry.
    load: "hot, 32 workers",
    what: "hand-overs of one lock to operations of one worker of the floor",
    of: rates(1),
    bound: 0.6,
    atMost: false
  }
]

/** Of the loads that were run. */
export const verdicts = (measured: ReadonlyMap<string, Beside>): ReadonlyArray<Verdict> =>
  targets.flatMap(({ atMost, bound, load, of, what }) => {
    const beside = measured.get(load)
    if (beside === undefined) return []
    const ratio = of(beside)
    const isMet = atMost ? ratio.median <= bound : ratio.median >= bound
    return [{ what, ratio, bound: `${atMost ? "at most" : "at least"} ${bound}`, isMet }]
  })
