/**
 * `npm run bench:peers`: Holdfast by turns with other systems that people take for locks, each synced to disk by a
 * majority before it answers, and the ratios. It says how to install what is missing, and leaves it out.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import * as Table from "../lib/Table.ts"
import { measure } from "./Peers.ts"
import { cellsOf, head } from "./Ratios.ts"

const flags = { workers: Flags.workers([1, 32, 256]), seconds: Flags.seconds(3), runs: Flags.runs(5), json: Flags.json }

const peers = Command.make("bench:peers", flags, ({ json, runs, seconds, workers }) =>
  Effect.gen(function*() {
    const rows = yield* measure({ workers, seconds, runs })
    const machine = { ...Machine.machine(), load: Machine.load() }
    yield* Console.log(
      json
        ? JSON.stringify({ machine, seconds, rows }, null, 2)
        : `${Table.table([head, ...rows.map((row) => cellsOf(row, rows))])}\n\n${JSON.stringify(machine)}`
    )
  })).pipe(Command.withDescription("Compare with etcd, ZooKeeper and Redlock, by turns on this machine"))

peers.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
