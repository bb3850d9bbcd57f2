/**
 * `npm run bench:sweep`: cycles and latencies for clusters of 3, 5 and 7 nodes and from 1 to 1,024 workers.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { summarize } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import { defaults, measure, type Point } from "./Sweep.ts"

const flags = {
  nodes: Flags.nodeCounts(defaults.nodes),
  workers: Flags.workers(defaults.workers),
  seconds: Flags.seconds(defaults.seconds),
  runs: Flags.runs(defaults.runs),
  json: Flags.json
}

const textOf = (points: ReadonlyArray<Point>): string =>
  Table.table([
    Table.head,
    ...points.map(({ nodes, runs, workers }) => Table.row(`${nodes} nodes, ${workers} workers`, summarize(runs)))
  ])

const sweep = Command.make("bench:sweep", flags, ({ json, ...options }) =>
  Effect.gen(function*() {
    const points = yield* measure(options)
    const machine = { ...Machine.machine(), load: Machine.load() }
    const { seconds } = options
    yield* Console.log(
      json ? JSON.stringify({ machine, seconds, points }, null, 2) : `${textOf(points)}\n\n${JSON.stringify(machine)}`
    )
  })).pipe(Command.withDescription("Measure how the cost of a lock grows with nodes and workers"))

sweep.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
