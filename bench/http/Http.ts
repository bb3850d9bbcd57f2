/**
 * HTTP of a cluster by turns with a bare echo on the same machine, under the same load: what all of Holdfast costs a
 * request, beside what `HttpApi` costs it.
 */
import { Console, Effect } from "effect"
import { freePorts } from "../../test/e2e/harness/FreePorts.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Child from "../lib/Child.ts"
import { cpuMicrosOf } from "../lib/CpuTime.ts"
import { type Measured, ratio } from "../lib/Measured.ts"
import { judge, type Verdict } from "../lib/Verdict.ts"

/** What the process of the load is asked. */
export interface Asked {
  readonly kind: "echo" | "locks"
  /** Connections go to them in turn. */
  readonly ports: ReadonlyArray<number>
  readonly connections: number
  readonly seconds: number
}

export type Figures = Omit<Measured, "cpuMicros">

export interface Options {
  readonly connections: number
  readonly seconds: number
  readonly runs: number
}

export const loads = ["echo", "leader", "all nodes"] as const

export type Results = { readonly [Load in typeof loads[number]]: Array<Measured> }

/** Runs of each, one beside the other. A unit is one request. */
export const measure = Effect.fnUntraced(function*({ connections, runs, seconds }: Options) {
  const [echoPort = 0] = yield* freePorts(1)
  const echo = yield* Child.make(new URL("echo/main.ts", import.meta.url), [`${echoPort}`])
  const load = yield* Child.make(new URL("load/main.ts", import.meta.url), [])
  const nodes = yield* BenchCluster.make([1, 2, 3].map(() => BenchCluster.loopback))
  const { leader } = yield* BenchCluster.caughtUp(nodes)
  const pids = BenchCluster.pidsOf(nodes)
  const run = Effect.fnUntraced(function*(name: typeof loads[number], seconds: number) {
    const asked: Asked = name === "echo"
      ? { kind: "echo", ports: [echoPort], connections, seconds }
      : { kind: "locks", ports: (name === "leader" ? [leader] : nodes).map(portOf), connections, seconds }
    const before = cpuMicrosOf(name === "echo" ? [echo.pid] : pids)
    const figures = yield* load.ask<Figures>(asked)
    const after = cpuMicrosOf(name === "echo" ? [echo.pid] : pids)
    // With the warm-up of the load, which does as much.
    const requests = figures.perSecond * (seconds + 1)
    return { ...figures, cpuMicros: before === null || after === null ? null : (after - before) / requests }
  })
  const results: Results = { "echo": [], "leader": [], "all nodes": [] }
  for (const name of loads) yield* run(name, warmUpSeconds)
  for (let round = 1; round <= runs; round++) {
    for (const name of loads) {
      const measured = yield* run(name, seconds)
      yield* Console.error(`${round}/${runs} HTTP, ${name}: ${measured.perSecond.toFixed(0)} requests/s`)
      results[name].push(measured)
    }
  }
  return results
}, Effect.scoped)

const portOf = ({ httpPort }: { readonly httpPort: number }) => httpPort

const warmUpSeconds = 4

/** Of requests to the leader: one process that serves, as the echo is one. */
export const verdict = ({ echo, leader }: Results): Verdict =>
  judge(
    "requests over HTTP, 32 connections, to those of a bare echo",
    ratio(leader.map(({ perSecond }) => perSecond), echo.map(({ perSecond }) => perSecond)),
    { atLeast: 0.4 }
  )
