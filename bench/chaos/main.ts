/**
 * `npm run chaos -- --minutes 10`: many clients, and a cluster of real processes that are killed, frozen, replaced and,
 * as root on Linux, cut off from each other; afterwards all that the clients were told must have one order. It ends no
 * process but its own, and fails if anything was found.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { writeHistory } from "../load/Verdict.ts"
import { chaos } from "./Chaos.ts"
import { format } from "./Report.ts"

const flags = {
  minutes: Flag.Finite("minutes").pipe(
    Flag.filter((minutes) => minutes > 0, () => "a number above 0"),
    Flag.withDescription("How long (default 10)"),
    Flag.withDefault(10)
  ),
  seed: Flag.String("seed").pipe(Flag.withDescription("What the faults are drawn from"), Flag.optional),
  nodes: Flag.Int("nodes").pipe(
    Flag.filter((nodes) => nodes >= 3 && nodes <= 7, () => "a number from 3 to 7"),
    Flag.withDescription("How many (default 3)"),
    Flag.withDefault(3)
  ),
  history: Flag.String("history").pipe(
    Flag.withDescription("A file for what the clients recorded, whatever is found in it"),
    Flag.optional
  )
}

const command = Command.make("chaos", flags, ({ history, minutes, nodes, seed }) =>
  Effect.gen(function*() {
    const chosen = Option.getOrElse(seed, () => String(Date.now() % 1_000_000))
    const run = yield* chaos({ minutes, nodes, seed: chosen })
    if (Option.isSome(history)) yield* writeHistory(history.value, run.recorder.operations)
    yield* Console.log(format(run))
    if (run.findings.length > 0) process.exitCode = 1
  })).pipe(
    Command.withDescription("Let clients work on a cluster in trouble, and check that all they heard has an order")
  )

command.pipe(Command.run({ version: "1" }), Effect.provide(NodeServices.layer), NodeRuntime.runMain)
