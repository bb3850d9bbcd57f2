/**
 * Runs loads on a cluster of its own, each by turns with the floor, after both have run long enough to be compiled.
 */
import { Console, Effect } from "effect"
import * as Floor from "../floor/Floor.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Load from "./Load.ts"
import type { Beside } from "./Targets.ts"

/** So many workers, each with a lock of its own; and one lock for all, and HTTP, unless only `own` is asked for. */
export const loadsOf = (workers: ReadonlyArray<number>, only: "all" | "own"): ReadonlyArray<Load.Load> => [
  ...workers.map((workers) => ({
    name: `${workers} worker${workers === 1 ? "" : "s"}`,
    workers,
    kind: "own" as const
  })),
  ...(only === "own" ? [] : [
    { name: "hot, 32 workers", workers: 32, kind: "hot" as const },
    { name: "HTTP, 32 workers", workers: 32, kind: "http" as const }
  ])
]

/** One hot lock is one operation after the other, as for a single worker. */
const floorWorkers = ({ kind, workers }: Load.Load): number => kind === "hot" ? 1 : workers

export interface Options {
  readonly nodes: number
  readonly loads: ReadonlyArray<Load.Load>
  readonly seconds: number
  readonly runs: number
}

/** By the names of the loads. Says how far it is on standard error. */
export const measure = Effect.fnUntraced(function*({ loads, nodes: count, runs, seconds }: Options) {
  const floor = yield* Floor.make
  const nodes = yield* BenchCluster.make(Array.from({ length: count }, () => BenchCluster.loopback))
  yield* BenchCluster.caughtUp(nodes)
  yield* warmUp(floor, nodes)
  const measured = new Map(loads.map(({ name }): [string, Beside] => [name, { runs: [], floor: [] }]))
  for (let run = 1; run <= runs; run++) {
    for (const load of loads) {
      const below = yield* floor.run({ workers: floorWorkers(load), seconds: Math.min(seconds, floorSecondsMax) })
      const above = yield* Load.run(nodes, load, seconds)
      yield* Console.error(`${run}/${runs} ${load.name}: ${above.perSecond.toFixed(0)}/s, p50 ${above.p50Ms} ms`)
      const before = measured.get(load.name)!
      measured.set(load.name, { runs: [...before.runs, above], floor: [...before.floor, below] })
    }
  }
  return measured
}, Effect.scoped)

/** A node that has just started runs code that is not compiled yet; one worker would take long to get it compiled. */
const warmUp = Effect.fnUntraced(function*(floor: Floor.Floor, nodes: Parameters<typeof Load.run>[0]) {
  yield* floor.run({ workers: 4, seconds: 1 })
  for (const workers of [4, 256, 1]) yield* Load.run(nodes, { name: "", workers, kind: "own" }, warmUpSeconds)
})

const warmUpSeconds = 5
const floorSecondsMax = 3
