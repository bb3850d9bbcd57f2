/**
 * `npm run bench`: how often a cluster of its own grants a lock and takes it back, how long a grant takes, and what it
 * costs the nodes; each load by turns with the floor of the same machine (see `bench:floor`).
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { summarize } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import { closedLoads, openLoads } from "./Load.ts"
import { measure } from "./Measuring.ts"
import { type Beside, verdicts } from "./Targets.ts"

const flags = {
  nodes: Flag.Literals("nodes", ["1", "3", "5", "7"]).pipe(
    Flag.withDescription("How many nodes (default 3)"),
    Flag.withDefault("3")
  ),
  workers: Flags.workers([1, 32, 256]),
  seconds: Flags.seconds(5),
  runs: Flags.runs(5),
  only: Flag.Literals("only", ["all", "own"]).pipe(
    Flag.withDescription("Leave out the load on one hot lock: own (default all)"),
    Flag.withDefault("all")
  ),
  open: Flags.percents([25, 50, 75]),
  json: Flags.json
}

const textOf = (measured: ReadonlyMap<string, Beside>): string => {
  const rows = [...measured].flatMap(([name, { floor, runs }]) => [
    Table.row(name, summarize(runs)),
    ...(floor.length === 0 ? [] : [Table.row("  the floor beside it", summarize(floor))])
  ])
  return [
    "A cycle is an acquire and a release; p50, p99 and p99.9 are of the acquire; CPU is that of all nodes for a cycle.",
    "The floor counts single operations. An open load begins cycles by a schedule, at a share of the highest rate",
    "above it, and times an acquire from when it was due.",
    "",
    Table.table([Table.head, ...rows]),
    "",
    ...verdicts(measured).map(Table.verdict)
  ].join("\n")
}

const bench = Command.make(
  "bench",
  flags,
  ({ json, nodes, only, open, runs, seconds, workers }) =>
    Effect.gen(function*() {
      const before = Machine.load()
      const loads = { closed: closedLoads(workers, only), open: openLoads(open) }
      const options = { nodes: Number(nodes), ...loads, seconds, runs }
      const measured = yield* measure(options)
      const machine = { ...Machine.machine(), load: { before, after: Machine.load() } }
      const results = [...measured].map(([load, beside]) => ({ load, ...beside }))
      yield* Console.log(
        json
          ? JSON.stringify({ machine, nodes: options.nodes, seconds, results, targets: verdicts(measured) }, null, 2)
          : `${textOf(measured)}\n\n${JSON.stringify(machine)}`
      )
    })
).pipe(Command.withDescription("Measure acquire and release cycles, by turns with the floor of this machine"))

bench.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
