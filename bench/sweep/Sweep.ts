/**
 * How the cost of a lock grows: with the nodes that must have it, and with the workers that ask at a time. One cluster
 * after the other, since idle nodes take time too; that of three nodes with the floor beside it.
 */
import { Console, Effect } from "effect"
import * as Floor from "../floor/Floor.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import type { Measured } from "../lib/Measured.ts"
import * as Workload from "../workload/Workload.ts"

export interface Options {
  readonly nodes: ReadonlyArray<number>
  readonly workers: ReadonlyArray<number>
  readonly seconds: number
  readonly runs: number
}

/** All runs of one number of nodes and workers. */
export interface Point {
  readonly nodes: number
  readonly workers: number
  readonly runs: ReadonlyArray<Workload.Run>
  /** Of three processes; empty beside other numbers of nodes. */
  readonly floor: ReadonlyArray<Measured>
}

export const defaults: Options = { nodes: [3, 5, 7], workers: [1, 8, 64, 256, 1024], seconds: 1, runs: 5 }

export const measure = Effect.fnUntraced(function*({ nodes, runs, seconds, workers }: Options) {
  const points = yield* Effect.forEach(nodes, (count) => ofNodes(count, { nodes, runs, seconds, workers }))
  return points.flat()
})

const ofNodes = Effect.fnUntraced(function*(count: number, { runs, seconds, workers: counts }: Options) {
  const floor = yield* Floor.make
  const nodes = yield* BenchCluster.make(Array.from({ length: count }, () => BenchCluster.loopback))
  yield* BenchCluster.caughtUp(nodes)
  const workload = yield* Workload.make(BenchCluster.addressesOf(nodes), () => BenchCluster.pidsOf(nodes))
  yield* floor.run({ workers: 4, seconds: floorSeconds })
  yield* Workload.warmUp(workload, warmUpSeconds)
  const points = counts.map((workers) => ({
    nodes: count,
    workers,
    runs: Array.of<Workload.Run>(),
    floor: Array.of<Measured>()
  }))
  for (let run = 1; run <= runs; run++) {
    for (const { floor: below, runs: above, workers } of points) {
      if (count === Floor.processes) below.push(yield* floor.run({ workers, seconds: floorSeconds }))
      const measured = yield* workload.run({ kind: "closed", workers, seconds, hot: false })
      above.push(measured)
      yield* Console.error(
        `${run}/${runs} ${count} nodes, ${workers} workers: ${
          measured.perSecond.toFixed(0)
        }/s, p50 ${measured.p50Ms} ms`
      )
    }
  }
  return points satisfies ReadonlyArray<Point>
}, Effect.scoped)

const warmUpSeconds = 3
const floorSeconds = 1
