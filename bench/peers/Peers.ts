/**
 * Holdfast and other systems under the same loads, one after the other in each round, so that a slow minute of the
 * machine is a slow minute of all.
 */
import { Console, Effect } from "effect"
import * as BenchCluster from "../lib/BenchCluster.ts"
import { cpuMicrosOf } from "../lib/CpuTime.ts"
import { closedLoads } from "../throughput/Load.ts"
import * as Workload from "../workload/Workload.ts"
import { Etcd } from "./etcd/Etcd.ts"
import { Redlock } from "./redlock/Redlock.ts"
import { type Asked, type Figures, missing, type System } from "./System.ts"
import { ZooKeeper } from "./zookeeper/ZooKeeper.ts"

export interface Options {
  readonly workers: ReadonlyArray<number>
  readonly seconds: number
  readonly runs: number
}

export interface Row {
  readonly load: string
  readonly system: string
  readonly runs: ReadonlyArray<Figures & { readonly cpuMicros: number | null }>
}

export const own = "Holdfast"

const ours = Effect.gen(function*() {
  const nodes = yield* BenchCluster.make([1, 2, 3].map(() => BenchCluster.loopback))
  yield* BenchCluster.caughtUp(nodes)
  const pids = BenchCluster.pidsOf(nodes)
  const workload = yield* Workload.make(BenchCluster.addressesOf(nodes), () => pids)
  yield* Workload.warmUp(workload, warmUpSeconds)
  return {
    name: own,
    pids,
    run: ({ hot, seconds, workers }) => workload.run({ kind: "closed", workers, seconds, hot })
  } satisfies System as System
})

/** Those that are there; says what is missing of the others. */
const others = Effect.gen(function*() {
  const systems: Array<System> = []
  for (const { hint, make, needs } of [Etcd, ZooKeeper, Redlock]) {
    const lacks = missing(needs)
    if (lacks.length > 0) yield* Console.error(`Left out, for want of ${lacks.join(" and ")}: ${hint}`)
    else systems.push(...yield* make)
  }
  return systems
})

export const measure = Effect.fnUntraced(function*({ runs, seconds, workers: counts }: Options) {
  const systems = [yield* ours, ...yield* others]
  for (const { run } of systems) yield* run({ workers: 32, seconds: warmUpSeconds, hot: false })
  const rows = new Map<string, Row>()
  for (let run = 1; run <= runs; run++) {
    for (const { kind, name: load, workers } of closedLoads(counts, "all")) {
      for (const system of systems) {
        const figures = yield* runOf(system, { workers, seconds, hot: kind === "hot" })
        if (figures === null) continue
        yield* Console.error(`${run}/${runs} ${load}, ${system.name}: ${figures.perSecond.toFixed(0)}/s`)
        const key = `${load} ${system.name}`
        rows.set(key, { load, system: system.name, runs: [...rows.get(key)?.runs ?? [], figures] })
      }
    }
  }
  return [...rows.values()]
}, Effect.scoped)

const warmUpSeconds = 3

/** With the time that a cycle costs the system's processes. */
const runOf = Effect.fnUntraced(function*({ pids, run }: System, asked: Asked) {
  const before = cpuMicrosOf(pids)
  const figures = yield* run(asked)
  const after = cpuMicrosOf(pids)
  if (figures === null) return null
  // A load does as much in the second that is not counted.
  const cycles = figures.perSecond * (asked.seconds + 1)
  return { ...figures, cpuMicros: before === null || after === null ? null : (after - before) / cycles }
})
