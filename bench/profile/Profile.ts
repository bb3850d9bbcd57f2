/**
 * Profiles of the leader, a follower and the client of one cluster under one load, taken at the same time by the probe
 * in each, and what they come to: for each part of the program the time it takes for a cycle.
 */
import { Console, Effect } from "effect"
import { mkdirSync } from "node:fs"
import { resolve } from "node:path"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import type * as Http from "../http/Http.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Child from "../lib/Child.ts"
import * as Probe from "../probe/Probe.ts"
import * as Workload from "../workload/Workload.ts"
import { read, type Summary } from "./Reading.ts"

export const loads = ["1 worker", "32 workers", "256 workers", "hot, 32 workers", "HTTP, 32 connections"] as const
export type Load = typeof loads[number]

export const processes = ["leader", "follower", "client"] as const

export interface Profiled {
  readonly load: Load
  /** Cycles, each an acquire and a release. A profile slows them down. */
  readonly perSecond: number
  readonly of: { readonly [Process in typeof processes[number]]: Summary }
}

export interface Options {
  readonly loads: ReadonlyArray<Load>
  readonly seconds: number
  /** Where the profiles are left, for whoever wants to see flames. */
  readonly directory: string
}

export const measure = Effect.fnUntraced(function*({ directory, loads, seconds }: Options) {
  mkdirSync(directory, { recursive: true })
  const [own, ofHttp, ...probes] = yield* Probe.make(5)
  if (own === undefined || ofHttp === undefined) return yield* Effect.die(new Error("there is no probe"))
  const nodes = yield* BenchCluster.make(probes.map(({ site }) => site))
  const { followers: [follower], leader } = yield* BenchCluster.caughtUp(nodes)
  const workload = yield* Workload.make(BenchCluster.addressesOf(nodes), () => BenchCluster.pidsOf(nodes), own.env)
  const http = yield* Child.make(new URL("../http/load/main.ts", import.meta.url), [], ofHttp.env)
  const probeOf = (node: TestNode | undefined) => probes[nodes.findIndex((one) => one === node)]!
  const probesUnder = (load: Load) => ({
    leader: probeOf(leader),
    follower: probeOf(follower),
    client: load.startsWith("HTTP") ? ofHttp : own
  })
  yield* Workload.warmUp(workload, warmUpSeconds)
  return yield* Effect.forEach(loads, (load) =>
    Effect.gen(function*() {
      const run = cyclesPerSecond(load, { http, leader, workload }, seconds)
      yield* load.startsWith("HTTP") ? run : Effect.void
      // Each process writes its own, and works in a directory of its own.
      const path = (name: string) => resolve(directory, `${load.replaceAll(/\W+/g, "-")}-${name}.cpuprofile`)
      const under = probesUnder(load)
      const all = processes.reduce((effect, name) => under[name].profiling(path(name), effect), run)
      const perSecond = yield* all
      yield* Console.error(`${load}: ${perSecond.toFixed(0)} cycles/s under a profile`)
      const [ofLeader, ofFollower, ofClient] = processes.map((name) => read(path(name)))
      return { load, perSecond, of: { leader: ofLeader!, follower: ofFollower!, client: ofClient! } } satisfies Profiled
    }))
}, Effect.scoped)

const warmUpSeconds = 4

interface Ground {
  readonly http: Child.Child
  readonly leader: TestNode
  readonly workload: Workload.Workload
}

const cyclesPerSecond = (load: Load, { http, leader, workload }: Ground, seconds: number): Effect.Effect<number> => {
  if (load === "HTTP, 32 connections") {
    const asked: Http.Asked = { kind: "locks", ports: [leader.httpPort], connections: 32, seconds }
    return Effect.map(http.ask<Http.Figures>(asked), ({ perSecond }) => perSecond / 2)
  }
  const workers = Number(/\d+/.exec(load))
  const asked = { kind: "closed", workers, seconds, hot: load.startsWith("hot") } as const
  return Effect.map(workload.run(asked), ({ perSecond }) => perSecond)
}
