/**
 * A load on a running cluster, by the client library in a process of its own that lives as long as the measurement: its
 * code is compiled and its connections stand when a run begins, as in a service that has run for a while.
 */
import { Effect } from "effect"
import * as Child from "../lib/Child.ts"
import { cpuMicrosOf } from "../lib/CpuTime.ts"
import type { Measured } from "../lib/Measured.ts"

/** Each worker begins its next cycle when the last one has ended. */
export interface Closed {
  readonly kind: "closed"
  readonly workers: number
  readonly seconds: number
  /** All want the same lock. */
  readonly hot: boolean
}

/** Cycles begin when their time has come, whatever has become of those before them. */
export interface Open {
  readonly kind: "open"
  readonly perSecond: number
  readonly seconds: number
}

export type Asked = Closed | Open

/** What the process answers; times of an acquire in milliseconds. */
export interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  readonly errors: number
  /** Of the process itself, for one cycle. */
  readonly clientCpuMicros: number
}

export type Run = Figures & Measured

export interface Workload {
  readonly pid: number
  readonly run: (asked: Asked) => Effect.Effect<Run>
}

/** Not counted at the beginning of each run: connections are made and batches find their size. */
export const warmUpMillis = 1000

/** `nodes` is where they listen for client RPC, or URLs; `pids` are the processes whose time a cycle costs. */
export const make = Effect.fnUntraced(function*(
  nodes: ReadonlyArray<string>,
  pids: () => ReadonlyArray<number>,
  env: Readonly<Record<string, string>> = {}
) {
  const child = yield* Child.make(new URL("client/main.ts", import.meta.url), nodes, env)
  const run = Effect.fnUntraced(function*(asked: Asked) {
    const [figures, cpuMicrosPerSecond] = yield* Effect.all(
      [child.ask<Figures>(asked), cpuOf(pids(), asked.seconds)],
      { concurrency: 2 }
    )
    const cpuMicros = cpuMicrosPerSecond === null ? null : cpuMicrosPerSecond / figures.perSecond
    return { ...figures, cpuMicros } satisfies Run as Run
  })
  return { pid: child.pid, run } satisfies Workload as Workload
})

/** For each second in the middle of a run. */
const cpuOf = Effect.fnUntraced(function*(pids: ReadonlyArray<number>, seconds: number) {
  yield* Effect.sleep(warmUpMillis + marginMillis)
  const before = cpuMicrosOf(pids)
  const since = performance.now()
  yield* Effect.sleep(seconds * 1000 - 2 * marginMillis)
  const after = cpuMicrosOf(pids)
  return before === null || after === null ? null : (after - before) / ((performance.now() - since) / 1000)
})

const marginMillis = 50

/** Runs long enough for the code of nodes and client to be compiled: one worker alone takes long to get it there. */
export const warmUp = ({ run }: Workload, seconds: number) =>
  Effect.forEach(
    [4, 256, 1],
    (workers) => run({ kind: "closed", workers, seconds, hot: false }),
    { discard: true }
  )
