/**
 * `npm run bench:failover`: how long a cluster of three takes no writes when its leader is killed, frozen or cut off,
 * or hands over. It starts clusters of its own, ends no process but its own, and fails if a bound is missed.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Machine from "../lib/Machine.ts"
import { obstacle } from "../lib/Namespaces.ts"
import * as Handover from "./Handover.ts"
import { type Bound, format, type Result, summarize } from "./Report.ts"
import * as Strike from "./Strike.ts"
import * as Trial from "./Trial.ts"

const times = (name: string, count: number, what: string) =>
  Flag.Int(name).pipe(
    Flag.filter((count) => count >= 0, () => "a number from 0 on"),
    Flag.withDescription(`${what} (default ${count} times; 0 leaves it out)`),
    Flag.withDefault(count)
  )

const flags = {
  kills: times("kills", 100, "Kill the leader with SIGKILL"),
  freezes: times("freezes", 20, "Stop the leader with SIGSTOP"),
  cuts: times("cuts", 20, "Cut the leader's network; needs Linux, root and ip"),
  transfers: times("transfers", 20, "Hand over leadership"),
  json: Flag.Boolean("json").pipe(Flag.withDescription("All figures as JSON"), Flag.withDefault(false))
}

const killBound: Bound = { of: "p99", millis: 150, why: "the goal" }

/** The longest silence before a follower stands for election, by default. */
const electionMillisMax = 600
const silenceBound: Bound = { of: "max", millis: 2 * electionMillisMax, why: "twice electionMillisMax" }

/** So many trials of one kind on a fresh cluster of their own. */
const measure = Effect.fnUntraced(function*(strike: Strike.Strike, count: number) {
  const nodes = yield* BenchCluster.make(strike.sites)
  const before = Machine.load()
  const trials = yield* Effect.forEach(
    Array.from({ length: count }, (_, at) => at + 1),
    (number) => Effect.tap(Trial.run(nodes, strike), (trial) => Console.error(progress(number, count, trial)))
  )
  return summarize({
    strike: strike.name,
    says: strike.says,
    machine: Machine.machine(),
    load: { before, after: Machine.load() },
    bound: strike.name === "kill" ? killBound : silenceBound,
    trials
  })
}, Effect.scoped)

const measureCuts = Effect.fnUntraced(function*(count: number) {
  return yield* measure(yield* Strike.cut, count)
}, Effect.scoped)

const failover = Command.make(
  "bench:failover",
  flags,
  ({ cuts, freezes, json, kills, transfers }) =>
    Effect.gen(function*() {
      const results: Array<Result> = []
      if (kills > 0) results.push(yield* measure(Strike.kill, kills))
      if (freezes > 0) results.push(yield* measure(Strike.freeze, freezes))
      const obstacleToCuts = cuts > 0 ? obstacle() : "not asked for"
      if (obstacleToCuts === null) results.push(yield* measureCuts(cuts))
      const handovers = transfers > 0 ? [yield* Handover.measure(transfers)] : []
      const texts = [...results.map(format), ...handovers.map(Handover.format)]
      yield* Console.log(json ? JSON.stringify([...results, ...handovers], null, 2) : texts.join("\n\n\n"))
      if (obstacleToCuts !== null) yield* Console.error(`\nNo network was cut: ${obstacleToCuts}.`)
      if ([...results, ...handovers].some(({ kept }) => !kept)) process.exitCode = 1
    })
).pipe(Command.withDescription("Measure how long a lost leader stops writes"))

const progress = (number: number, count: number, { firstMillis, goneMillis, next, stages, struck }: Trial.Trial) => {
  const { asked, candidacies, led, noticed } = stages
  const known = Object.entries({ gone: goneMillis, noticed, asked, led, candidacies })
  const told = known.map(([name, value]) => `${name} ${value?.toFixed(0) ?? "-"}`).join(", ")
  const who = `${String(number).padStart(4)}/${count} ${struck} -> ${next}`
  return `${who} ${firstMillis.toFixed(1).padStart(7)} ms (${told})`
}

failover.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
