/**
 * `npm run bench:floor`: what three processes of Node on this machine do at best when each operation is synced by a
 * majority before it is answered. It is what the figures of `npm run bench` are compared with.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { summarize } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import * as Floor from "./Floor.ts"

const flags = { workers: Flags.workers([1, 32, 256]), seconds: Flags.seconds(3), runs: Flags.runs(5), json: Flags.json }

const floor = Command.make("bench:floor", flags, ({ json, runs, seconds, workers }) =>
  Effect.gen(function*() {
    const floor = yield* Floor.make
    // Until the code is compiled it says little.
    yield* floor.run({ workers: 32, seconds: 1 })
    const measured = yield* Flags.times(
      runs,
      () => Effect.forEach(workers, (workers) => floor.run({ workers, seconds }))
    )
    const results = workers.map((workers, at) => ({ workers, runs: measured.map((run) => run[at]!) }))
    const machine = { ...Machine.machine(), load: Machine.load() }
    yield* Console.log(
      json
        ? JSON.stringify({ machine, seconds, results }, null, 2)
        : Table.table([
          Table.head,
          ...results.map(({ runs, workers }) => Table.row(`floor, ${workers} workers`, summarize(runs)))
        ])
    )
  }).pipe(Effect.scoped)).pipe(Command.withDescription("Measure what raw TCP and fdatasync can do on this machine"))

floor.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
