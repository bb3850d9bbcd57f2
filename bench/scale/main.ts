/**
 * `npm run bench:scale`: what becomes of a cluster that has very much to hold: a million locks, ten thousand sessions
 * that are renewed, a hundred thousand waiters, a million entries in the log. Real processes, at default settings.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { defaults, measure, parts } from "./Scale.ts"
import { textOf } from "./Text.ts"

const flags = {
  part: Flag.Literals("part", parts).pipe(
    Flag.withDescription("Only this part; may be given several times (default all)"),
    Flag.atLeast(0)
  ),
  percent: Flag.Int("percent").pipe(
    Flag.filter((percent) => percent >= 1 && percent <= 100, () => "a whole number from 1 to 100"),
    Flag.withDescription("Of the sizes that the targets name, to see whether it works (default 100)"),
    Flag.withDefault(100)
  ),
  seconds: Flags.seconds(defaults.seconds),
  runs: Flags.runs(defaults.runs),
  json: Flags.json
}

const scale = Command.make("bench:scale", flags, ({ json, part, percent, runs, seconds }) =>
  Effect.gen(function*() {
    const results = yield* measure({ parts: part.length === 0 ? parts : part, runs, seconds, share: percent / 100 })
    const machine = { ...Machine.machine(), load: Machine.load() }
    yield* Console.log(json ? JSON.stringify({ machine, results }, null, 2) : textOf(results))
  })).pipe(Command.withDescription("Measure a cluster that has very much to hold"))

scale.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
