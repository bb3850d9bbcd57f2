/**
 * A load on a cluster: `holdfast bench` as a process of its own, so that what is measured is what a user can measure,
 * and what an operation has cost the nodes meanwhile.
 */
import { Effect, Schema } from "effect"
import { run as holdfast } from "../../test/e2e/harness/Holdfast.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { cpuMicrosOf } from "../lib/CpuTime.ts"
import type { Measured } from "../lib/Measured.ts"

export interface Load {
  readonly name: string
  readonly workers: number
  readonly kind: "own" | "hot" | "http"
}

/** What `holdfast bench --json` prints. */
const Report = Schema.fromJsonString(Schema.Struct({
  cyclesPerSecond: Schema.Number,
  p50Ms: Schema.Number,
  p99Ms: Schema.Number,
  p999Ms: Schema.Number,
  errors: Schema.Number
}))

/** Runs it once. A cycle is an acquire and a release. */
export const run = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>, load: Load, seconds: number) {
  const child = yield* holdfast([
    "bench",
    "--json",
    `--nodes=${nodes.map(({ rpcPort }) => `127.0.0.1:${rpcPort}`).join(",")}`,
    `--workers=${load.workers}`,
    `--seconds=${seconds}`,
    ...(load.kind === "own" ? [] : [`--${load.kind}`])
  ])
  const cpuMicrosPerSecond = yield* cpuOf(nodes.map((node) => node.process().pid), seconds)
  const { code } = yield* child.ended
  if (code !== 0) return yield* Effect.die(new Error(`holdfast bench has ended with ${code}: ${child.stderr()}`))
  const { cyclesPerSecond: perSecond, ...report } = yield* Effect.orDie(
    Schema.decodeEffect(Report)(child.stdout().trim())
  )
  const cpuMicros = cpuMicrosPerSecond === null ? null : cpuMicrosPerSecond / perSecond
  return { ...report, perSecond, cpuMicros } satisfies Measured as Measured
}, Effect.scoped)

/** Of the nodes, for each second in the middle of a run: the load starts, warms up for a second, and then measures. */
const cpuOf = Effect.fnUntraced(function*(pids: ReadonlyArray<number>, seconds: number) {
  yield* Effect.sleep(startMillis)
  const before = cpuMicrosOf(pids)
  const since = performance.now()
  yield* Effect.sleep(Math.max(250, seconds * 1000 - marginMillis))
  const after = cpuMicrosOf(pids)
  return before === null || after === null ? null : (after - before) / ((performance.now() - since) / 1000)
})

const startMillis = 2_000
const marginMillis = 750
