/**
 * Runs loads on a cluster of its own, each by turns with the floor, after both have run long enough to be compiled.
 */
import { Console, Effect } from "effect"
import * as Floor from "../floor/Floor.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Workload from "../workload/Workload.ts"
import type { ClosedLoad, Load, OpenLoad } from "./Load.ts"
import type { Beside } from "./Targets.ts"

/** One hot lock is one operation after the other, as for a single worker. */
const floorWorkers = ({ kind, workers }: ClosedLoad): number => kind === "hot" ? 1 : workers

export interface Options {
  readonly nodes: number
  readonly closed: ReadonlyArray<ClosedLoad>
  readonly open: ReadonlyArray<OpenLoad>
  readonly seconds: number
  readonly runs: number
}

/** By the names of the loads; an open one has no floor beside it. Says how far it is on standard error. */
export const measure = Effect.fnUntraced(function*({ closed, nodes: count, open, runs, seconds }: Options) {
  const floor = yield* Floor.make
  const nodes = yield* BenchCluster.make(Array.from({ length: count }, () => BenchCluster.loopback))
  yield* BenchCluster.caughtUp(nodes)
  const workload = yield* Workload.make(BenchCluster.addressesOf(nodes), () => BenchCluster.pidsOf(nodes))
  yield* floor.run({ workers: 4, seconds: 1 })
  yield* Workload.warmUp(workload, warmUpSeconds)
  const measured = new Map([...closed, ...open].map(({ name }): [string, Beside] => [name, { runs: [], floor: [] }]))
  const note = ({ name }: Load, run: Workload.Run, below: Beside["floor"]) => {
    const before = measured.get(name)!
    measured.set(name, { runs: [...before.runs, run], floor: [...before.floor, ...below] })
    return Console.error(
      `${before.runs.length + 1}/${runs} ${name}: ${run.perSecond.toFixed(0)}/s, p50 ${run.p50Ms} ms`
    )
  }
  for (let run = 1; run <= runs; run++) {
    let most = 0
    for (const load of closed) {
      const below = yield* floor.run({ workers: floorWorkers(load), seconds: Math.min(seconds, floorSecondsMax) })
      const { kind, workers } = load
      const above = yield* workload.run({ kind: "closed", workers, seconds, hot: kind === "hot" })
      yield* note(load, above, [below])
      most = Math.max(most, above.perSecond)
    }
    for (const load of open) {
      const perSecond = Math.max(1, Math.round(most * load.percent / 100))
      yield* note(load, yield* workload.run({ kind: "open", perSecond, seconds }), [])
    }
  }
  return measured
}, Effect.scoped)

const warmUpSeconds = 5
const floorSecondsMax = 2
