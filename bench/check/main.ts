/**
 * `npm run bench:check`: whether this commit is slower than the one whose ratios to the floor are in
 * `bench/check/baseline.json`. With `--write` it writes that file instead: best on a quiet machine.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { closedLoads } from "../throughput/Load.ts"
import { measure } from "../throughput/Measuring.ts"
import { verdicts } from "../throughput/Targets.ts"
import * as Baseline from "./Baseline.ts"

const flags = {
  seconds: Flags.seconds(3),
  runs: Flags.runs(3),
  write: Flag.Boolean("write").pipe(
    Flag.withDescription("Make what is measured now the baseline"),
    Flag.withDefault(false)
  )
}

const lineOf = ({ before, isWorse, now, what }: Baseline.Compared): string =>
  `${isWorse ? "worse" : "ok   "} ${what}: ${now.toFixed(2)}, was ${before?.toFixed(2) ?? "not measured"}`

const check = Command.make("bench:check", flags, ({ runs, seconds, write }) =>
  Effect.gen(function*() {
    const before = write ? null : Baseline.read()
    const closed = closedLoads([1, 32, 256], "all")
    const now = verdicts(yield* measure({ nodes: 3, closed, open: [], seconds, runs }))
    if (before === null) return Baseline.write(Machine.machine(), now)
    const compared = Baseline.compare(before, now)
    yield* Console.log(compared.map(lineOf).join("\n"))
    if (compared.some(({ isWorse }) => isWorse)) process.exitCode = 1
  })).pipe(Command.withDescription("Compare this commit's ratios to the floor with the baseline"))

check.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
