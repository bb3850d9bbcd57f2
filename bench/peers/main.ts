/**
 * `npm run bench:peers`: Holdfast by turns with other systems that people take for locks, each synced to disk by a
 * majority before it answers, and the ratios. It says how to install what is missing, and leaves it out.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { ratio } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import * as Load from "../throughput/Load.ts"
import { loadsOf } from "../throughput/Measuring.ts"
import * as Etcd from "./etcd/Etcd.ts"
import * as Redlock from "./redlock/Redlock.ts"
import { type Figures, missing, type System } from "./System.ts"

const flags = { workers: Flags.workers([1, 32, 256]), seconds: Flags.seconds(5), runs: Flags.runs(5), json: Flags.json }

const systems = [Etcd, Redlock]

const ours = Effect.gen(function*() {
  const nodes = yield* BenchCluster.make([1, 2, 3].map(() => BenchCluster.loopback))
  yield* BenchCluster.caughtUp(nodes)
  for (const workers of [4, 256, 1]) yield* Load.run(nodes, { name: "", workers, kind: "own" }, 3)
  return {
    name: "Holdfast",
    run: ({ hot, seconds, workers }) => Load.run(nodes, { name: "", workers, kind: hot ? "hot" : "own" }, seconds)
  } satisfies System as System
})

interface Row {
  readonly load: string
  readonly system: string
  readonly runs: ReadonlyArray<Figures>
}

const measure = Effect.fnUntraced(function*(workers: ReadonlyArray<number>, seconds: number, runs: number) {
  const there = systems.filter(({ programs }) => missing(programs).length === 0)
  for (const { hint, programs } of systems.filter((system) => !there.includes(system))) {
    yield* Console.error(`Left out, for want of ${missing(programs).join(" and ")}: ${hint}`)
  }
  const all = [yield* ours, ...yield* Effect.forEach(there, ({ make }) => make)]
  const loads = loadsOf(workers, "all").filter(({ kind }) => kind !== "http")
  const rows = new Map<string, Row>()
  for (let run = 1; run <= runs; run++) {
    for (const { kind, name: load, workers } of loads) {
      for (const { name: system, run: ask } of all) {
        const figures = yield* ask({ workers, seconds, hot: kind === "hot" })
        if (figures === null) continue
        yield* Console.error(`${run}/${runs} ${load}, ${system}: ${figures.perSecond.toFixed(0)}/s`)
        const key = `${load} ${system}`
        rows.set(key, { load, system, runs: [...rows.get(key)?.runs ?? [], figures] })
      }
    }
  }
  return [...rows.values()]
}, Effect.scoped)

const rates = ({ runs }: Row) => runs.map(({ perSecond }) => perSecond)

/** How many times as many cycles Holdfast does, run by run. */
const ratioOf = (row: Row, rows: ReadonlyArray<Row>): string => {
  const own = rows.find(({ load, system }) => load === row.load && system === "Holdfast")
  if (own === undefined || own === row) return ""
  const { max, median, min } = ratio(rates(own), rates(row))
  return `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`
}

const cellsOf = (row: Row, rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const median = (of: (figures: Figures) => number) => {
    const one = ratio(row.runs.map(of), row.runs.map(() => 1))
    return one.median
  }
  return [
    `${row.load}: ${row.system}`,
    median(({ perSecond }) => perSecond).toFixed(0),
    median(({ p50Ms }) => p50Ms).toFixed(2),
    median(({ p99Ms }) => p99Ms).toFixed(2),
    ratioOf(row, rows)
  ]
}

const head = ["load", "cycles/s", "p50 ms", "p99 ms", "Holdfast is so many times as fast"]

const peers = Command.make("bench:peers", flags, ({ json, runs, seconds, workers }) =>
  Effect.gen(function*() {
    const rows = yield* measure(workers, seconds, runs)
    const machine = { ...Machine.machine(), load: Machine.load() }
    yield* Console.log(
      json
        ? JSON.stringify({ machine, seconds, rows }, null, 2)
        : `${Table.table([head, ...rows.map((row) => cellsOf(row, rows))])}\n\n${JSON.stringify(machine)}`
    )
  })).pipe(Command.withDescription("Compare with etcd's mutex and Redlock, by turns on this machine"))

peers.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
