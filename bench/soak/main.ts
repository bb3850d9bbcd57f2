/**
 * `npm run soak -- --minutes 10`: clients write without pause to a cluster of real processes that are killed,
 * stopped, frozen, replaced and made leaders at random; then everything they were told is checked. It ends no
 * process but its own, and fails if anything acknowledged was lost, anybody was granted twice, or a node grew.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect, Fiber, Option, Random } from "effect"
import { Command, Flag } from "effect/cli"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as KeepAlive from "../lib/KeepAlive.ts"
import { nowMillis } from "../lib/Now.ts"
import type { Ground } from "../load/HttpClient.ts"
import { Recorder } from "../load/Recorder.ts"
import { judge, keepEvidence } from "../load/Verdict.ts"
import { keeper, worker } from "../load/Workers.ts"
import { faults } from "../trouble/Faults.ts"
import { operations } from "../trouble/Operations.ts"
import * as Trouble from "../trouble/Trouble.ts"
import * as Gauges from "./Gauges.ts"
import { format, rising, type Soak } from "./Report.ts"

const flags = {
  minutes: Flag.Finite("minutes").pipe(
    Flag.filter((minutes) => minutes > 0, () => "a number above 0"),
    Flag.withDescription("How long (default 10)"),
    Flag.withDefault(10)
  ),
  seed: Flag.String("seed").pipe(Flag.withDescription("What the faults are drawn from"), Flag.optional)
}

/** Longer than a node needs to hear that a leader is gone and to ask the next one, and shorter than a lease. */
const answerMillisMax = 3_000
const calmShare = 0.35
const loopback = "127.0.0.1"

const clients = (ground: Ground) =>
  Effect.all([
    ...["worker1", "worker2", "worker3", "worker4", "worker5"].map((name) => worker(ground, name)),
    ...["keeper1", "keeper2", "keeper3"].map((name) => keeper(ground, name))
  ], { concurrency: "unbounded", discard: true })

const soak = Effect.fnUntraced(function*(minutes: number, seed: string) {
  const nodes = yield* BenchCluster.make([BenchCluster.loopback, BenchCluster.loopback, BenchCluster.loopback])
  yield* BenchCluster.caughtUp(nodes)
  const calls = yield* Effect.forEach(nodes, ({ httpPort }) => KeepAlive.make(loopback, httpPort, answerMillisMax))
  const ground: Ground = { nodes: calls, recorder: new Recorder(), isOver: false }
  const samples: Array<Gauges.Sample> = []
  const account = Trouble.make(faults, operations)
  const overAt = nowMillis() + minutes * 60_000
  const calmAt = overAt - calmShare * minutes * 60_000
  yield* Effect.forkScoped(Gauges.watch(nodes, samples))
  const writing = yield* Effect.forkScoped(clients(ground))
  yield* Trouble.cause(account, nodes, { calmAt, overAt }).pipe(
    Effect.raceFirst(Effect.andThen(Fiber.join(writing), Effect.never))
  )
  ground.isOver = true
  yield* Fiber.join(writing)
  yield* BenchCluster.caughtUp(nodes)
  const { findings } = judge(ground.recorder, account.deaths, minutes)
  const result: Soak = {
    seed,
    minutes,
    recorder: ground.recorder,
    deeds: account.deeds,
    findings,
    samples,
    calmAt,
    overAt
  }
  const whole = { ...result, findings: [...findings, ...rising(result)] }
  if (whole.findings.length > 0) yield* keepEvidence("soak", ground.recorder, whole.findings, nodes)
  return whole
}, Effect.scoped)

const command = Command.make("soak", flags, ({ minutes, seed }) =>
  Effect.gen(function*() {
    const chosen = Option.getOrElse(seed, () => String(Date.now() % 1_000_000))
    const result = yield* Random.withSeed(soak(minutes, chosen), chosen)
    yield* Console.log(format(result))
    if (result.findings.length > 0) process.exitCode = 1
  })).pipe(Command.withDescription("Let a cluster work under faults, and check all that it answers"))

command.pipe(Command.run({ version: "1" }), Effect.provide(NodeServices.layer), NodeRuntime.runMain)
