/**
 * `npm run bench`: how often a cluster of its own grants a lock and takes it back, how long a grant takes, and what it
 * costs the nodes; each load by turns with the floor of the same machine (see `bench:floor`).
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Floor from "../floor/Floor.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { summarize } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import * as Load from "./Load.ts"
import { type Beside, type Verdict, verdicts } from "./Targets.ts"

const flags = {
  nodes: Flag.Literals("nodes", ["1", "3", "5", "7"]).pipe(
    Flag.withDescription("How many nodes (default 3)"),
    Flag.withDefault("3")
  ),
  workers: Flags.workers([1, 32, 256]),
  seconds: Flags.seconds(5),
  runs: Flags.runs(5),
  only: Flag.Literals("only", ["all", "own"]).pipe(
    Flag.withDescription("Leave out the load on one hot lock and the one over HTTP: own (default all)"),
    Flag.withDefault("all")
  ),
  json: Flags.json
}

const loadsOf = (workers: ReadonlyArray<number>, only: "all" | "own"): ReadonlyArray<Load.Load> => [
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

interface Options {
  readonly nodes: number
  readonly loads: ReadonlyArray<Load.Load>
  readonly seconds: number
  readonly runs: number
}

const measure = Effect.fnUntraced(function*({ loads, nodes: count, runs, seconds }: Options) {
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

const textOf = (measured: ReadonlyMap<string, Beside>): string => {
  const rows = [...measured].flatMap(([name, { floor, runs }]) => [
    Table.row(name, summarize(runs)),
    Table.row("  the floor beside it", summarize(floor))
  ])
  return [
    "A cycle is an acquire and a release; p50, p99 and p99.9 are of the acquire; CPU is that of all nodes for a cycle.",
    "The floor counts single operations.",
    "",
    Table.table([Table.head, ...rows]),
    "",
    ...verdicts(measured).map(lineOf)
  ].join("\n")
}

const lineOf = ({ bound, isMet, ratio: { max, median, min }, what }: Verdict): string =>
  `${isMet ? "met   " : "missed"} ${what}: ${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)}), ${bound}`

const bench = Command.make("bench", flags, ({ json, nodes, only, runs, seconds, workers }) =>
  Effect.gen(function*() {
    const before = Machine.load()
    const options = { nodes: Number(nodes), loads: loadsOf(workers, only), seconds, runs }
    const measured = yield* measure(options)
    const machine = { ...Machine.machine(), load: { before, after: Machine.load() } }
    const results = [...measured].map(([load, beside]) => ({ load, ...beside }))
    yield* Console.log(
      json
        ? JSON.stringify({ machine, nodes: options.nodes, seconds, results, targets: verdicts(measured) }, null, 2)
        : `${textOf(measured)}\n\n${JSON.stringify(machine)}`
    )
  })).pipe(Command.withDescription("Measure acquire and release cycles, by turns with the floor of this machine"))

bench.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
