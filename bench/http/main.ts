/**
 * `npm run bench:http`: how many requests a second a cluster answers over HTTP, by turns with a bare echo of the same
 * HTTP library on the same machine, each under connections that are kept.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { summarize } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import { loads, measure, type Results, verdict } from "./Http.ts"

const flags = {
  connections: Flag.Int("connections").pipe(
    Flag.filter((count) => count >= 1 && count <= 10_000, () => "a whole number from 1 to 10000"),
    Flag.withDescription("How many connections are kept, each with one request at a time (default 32)"),
    Flag.withDefault(32)
  ),
  seconds: Flags.seconds(3),
  runs: Flags.runs(5),
  json: Flags.json
}

const textOf = (results: Results): string =>
  [
    "Requests a second; half of them acquire a lock and half give it back. The echo has no lock, no log and no peer.",
    "CPU is that of all nodes for a request.",
    "",
    Table.table([Table.head, ...loads.map((name) => Table.row(name, summarize(results[name])))]),
    "",
    Table.verdict(verdict(results))
  ].join("\n")

const http = Command.make("bench:http", flags, ({ connections, json, runs, seconds }) =>
  Effect.gen(function*() {
    const results = yield* measure({ connections, seconds, runs })
    const machine = { ...Machine.machine(), load: Machine.load() }
    const report = { machine, connections, seconds, results, target: verdict(results) }
    yield* Console.log(json ? JSON.stringify(report, null, 2) : `${textOf(results)}\n\n${JSON.stringify(machine)}`)
  })).pipe(Command.withDescription("Measure HTTP, by turns with a bare echo"))

http.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
