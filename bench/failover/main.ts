/**
 * `npm run bench:failover`: how long a cluster of three takes no writes when its leader is killed, frozen
 * or cut off. It starts a cluster of its own, ends no process but its own, and fails if the bound is missed.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Machine from "../lib/Machine.ts"
import { obstacle } from "../lib/Namespaces.ts"
import { type Bound, format, summarize } from "./Report.ts"
import * as Strike from "./Strike.ts"
import * as Trial from "./Trial.ts"

const flags = {
  kills: Flag.Int("kills").pipe(
    Flag.filter((count) => count >= 1, () => "a number from 1 on"),
    Flag.withDescription("How many times (default 100)"),
    Flag.withDefault(100)
  ),
  freeze: Flag.Boolean("freeze").pipe(
    Flag.withDescription("Stop the leader with SIGSTOP instead of killing it"),
    Flag.withDefault(false)
  ),
  cut: Flag.Boolean("cut").pipe(
    Flag.withDescription("Cut the leader's network instead; needs Linux, root and ip"),
    Flag.withDefault(false)
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("All figures as JSON"), Flag.withDefault(false))
}

const killBound: Bound = { of: "p99", millis: 150, why: "the goal" }

/** The longest silence before a follower stands for election, by default. */
const electionMillisMax = 600
const silenceBound: Bound = { of: "max", millis: 2 * electionMillisMax, why: "twice electionMillisMax" }

const failover = Command.make("bench:failover", flags, (options) =>
  Effect.gen(function*() {
    const obstacleToCut = options.cut ? obstacle() : null
    if (obstacleToCut !== null) return yield* Effect.fail(new Error(`cannot cut a network here: ${obstacleToCut}`))
    const strike = options.cut ? yield* Strike.cut : options.freeze ? Strike.freeze : Strike.kill
    const nodes = yield* BenchCluster.make(strike.sites)
    const before = Machine.load()
    const trials = yield* Effect.forEach(
      Array.from({ length: options.kills }, (_, at) => at + 1),
      (number) => Effect.tap(Trial.run(nodes, strike), (trial) => Console.error(progress(number, options.kills, trial)))
    )
    const result = summarize({
      strike: strike.name,
      says: strike.says,
      machine: Machine.machine(),
      load: { before, after: Machine.load() },
      bound: strike.name === "kill" ? killBound : silenceBound,
      trials
    })
    yield* Console.log(options.json ? JSON.stringify(result, null, 2) : format(result))
    if (!result.kept) process.exitCode = 1
  }).pipe(Effect.scoped)).pipe(Command.withDescription("Measure how long a lost leader stops writes"))

const progress = (number: number, count: number, { firstMillis, next, stages, struck }: Trial.Trial): string =>
  `${String(number).padStart(4)}/${count} ${struck} -> ${next} ${firstMillis.toFixed(1).padStart(7)} ms ` +
  `(noticed ${stages.noticed ?? "-"}, asked ${stages.asked ?? "-"}, led ${stages.led ?? "-"}, ` +
  `candidacies ${stages.candidacies})`

failover.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
