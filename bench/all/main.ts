/**
 * `npm run bench:all`: takes every figure of `docs/performance.md`, one part after the other, and writes them, the
 * plots and the tables into `docs/`, and the baseline of `bench:check`. It takes some twenty minutes on a machine that
 * does nothing else meanwhile. A part that fails is told, and keeps the figures that it had.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, type Scope } from "effect"
import { Command, Flag } from "effect/cli"
import { execFileSync } from "node:child_process"
import type { NoAnswer } from "../../test/e2e/harness/Http.ts"
import * as Baseline from "../check/Baseline.ts"
import * as Http from "../http/Http.ts"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import * as Peers from "../peers/Peers.ts"
import * as Profile from "../profile/Profile.ts"
import * as Page from "../report/Page.ts"
import * as Scale from "../scale/Scale.ts"
import * as Sweep from "../sweep/Sweep.ts"
import { closedLoads, openLoads } from "../throughput/Load.ts"
import { measure as throughput } from "../throughput/Measuring.ts"
import { verdicts } from "../throughput/Targets.ts"
import * as Figures from "./Figures.ts"

const flags = {
  part: Flag.Literals("part", Figures.parts).pipe(
    Flag.withDescription("Only this part; may be given several times (default all). The others stay as they were"),
    Flag.atLeast(0)
  ),
  percent: Flag.Int("percent").pipe(
    Flag.filter((percent) => percent >= 1 && percent <= 100, () => "a whole number from 1 to 100"),
    Flag.withDescription("Of the sizes of `bench:scale`, to see whether it works (default 100)"),
    Flag.withDefault(100)
  ),
  runs: Flags.runs(5),
  directory: Flag.String("directory").pipe(
    Flag.withDescription("Where to leave the profiles (default .bench-profiles)"),
    Flag.withDefault(".bench-profiles")
  )
}

interface Options {
  readonly percent: number
  readonly runs: number
  readonly directory: string
}

interface Measurement<P extends Figures.Part> {
  /** Takes the figures of this part alone. */
  readonly command: string
  /** How long each run is measured. */
  readonly seconds: number
  readonly measure: (options: Options, seconds: number) => Effect.Effect<Figures.Results[P], NoAnswer, Scope.Scope>
}

const measurements: { readonly [P in Figures.Part]: Measurement<P> } = {
  throughput: {
    command: "npm run bench -- --seconds 3",
    seconds: 3,
    measure: ({ runs }, seconds) =>
      Effect.map(
        throughput({
          nodes: 3,
          closed: closedLoads([1, 32, 256], "all"),
          open: openLoads([25, 50, 75]),
          seconds,
          runs
        }),
        (measured) => {
          Baseline.write(Machine.machine(), verdicts(measured))
          return [...measured].map(([load, beside]) => ({ load, ...beside }))
        }
      )
  },
  http: {
    command: "npm run bench:http -- --seconds 3",
    seconds: 3,
    measure: ({ runs }, seconds) => Http.measure({ connections: 32, seconds, runs })
  },
  peers: {
    command: "npm run bench:peers -- --seconds 2",
    seconds: 2,
    measure: ({ runs }, seconds) => Peers.measure({ workers: [1, 32, 256], seconds, runs })
  },
  scale: {
    command: "npm run bench:scale -- --seconds 2",
    seconds: 2,
    measure: ({ percent, runs }, seconds) => Scale.measure({ parts: Scale.parts, share: percent / 100, seconds, runs })
  },
  sweep: {
    command: "npm run bench:sweep -- --seconds 1",
    seconds: Sweep.defaults.seconds,
    measure: ({ runs }, seconds) => Sweep.measure({ ...Sweep.defaults, seconds, runs })
  },
  profile: {
    command: "npm run bench:profile -- --seconds 3",
    seconds: 3,
    measure: ({ directory }, seconds) => Profile.measure({ directory, loads: Profile.loads, seconds })
  }
}

const take = Effect.fnUntraced(function*<P extends Figures.Part>(part: P, options: Options) {
  const { command, measure, seconds }: Measurement<P> = measurements[part]
  const { percent, runs } = options
  const before = Machine.load()
  const since = performance.now()
  yield* Console.error(`\n${part}: ${command}`)
  const results = yield* Effect.scoped(measure(options, seconds))
  yield* Console.error(`${part} has taken ${((performance.now() - since) / 1000).toFixed(0)} s`)
  const taken: Figures.Taken<Figures.Results[P]> = {
    command: `${command}${runs === 5 ? "" : ` --runs ${runs}`}${
      part !== "scale" || percent === 100 ? "" : ` --percent ${percent}`
    }`,
    machine: Machine.machine(),
    load: { before, after: Machine.load() },
    at: new Date().toISOString(),
    commit: execFileSync("git", ["rev-parse", "--short=10", "HEAD"], { encoding: "utf8" }).trim(),
    seconds,
    results
  }
  // After each part: a later one may fail, and all of this took long.
  Figures.write({ ...Figures.read(), [part]: taken })
  yield* Effect.sync(() => Page.write(Figures.read()))
  execFileSync(process.execPath, [
    "scripts/format/main.ts",
    "docs/performance/figures.json",
    "bench/check/baseline.json"
  ])
})

const failed = (part: Figures.Part, cause: Cause.Cause<unknown>) => {
  process.exitCode = 1
  return Console.error(`${part} has failed: ${Cause.pretty(cause)}`)
}

const all = Command.make(
  "bench:all",
  flags,
  ({ part, ...options }) =>
    Effect.forEach(
      part.length === 0 ? Figures.parts : part,
      (each) => Effect.catchCause(take(each, options), (cause) => failed(each, cause)),
      { discard: true }
    )
).pipe(Command.withDescription("Take every figure of docs/performance.md, and write them there"))

all.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
