/**
 * The floor: what three Node processes on this machine can do at best when each operation is on the disks of a majority
 * before it is answered, without any logic. Holdfast is compared with it, since it moves with the machine.
 */
import { Effect } from "effect"
import { join } from "node:path"
import { freePorts } from "../../test/e2e/harness/FreePorts.ts"
import { tempDir } from "../../test/e2e/harness/TestCluster.ts"
import * as Child from "../lib/Child.ts"
import { cpuMicrosOf } from "../lib/CpuTime.ts"
import type { Measured } from "../lib/Measured.ts"

/** What the leader's process is asked. */
export interface Asked {
  readonly workers: number
  readonly seconds: number
}

/** What it answers; times of an operation in milliseconds. */
export interface Figures {
  readonly operations: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export const processes = 3

export interface Floor {
  readonly run: (asked: Asked) => Effect.Effect<Measured>
}

/** Its processes and files are gone with the scope. */
export const make = Effect.gen(function*() {
  const directory = yield* tempDir
  const [one = 0, two = 0] = yield* freePorts(2)
  const member = (...args: ReadonlyArray<string>) => Child.make(new URL("member/main.ts", import.meta.url), args)
  const followers = [
    yield* member("follower", join(directory, "follower1"), `${one}`),
    yield* member("follower", join(directory, "follower2"), `${two}`)
  ]
  const leader = yield* member("leader", join(directory, "leader"), `${one}`, `${two}`)
  const pids = [leader, ...followers].map(({ pid }) => pid)
  const run = Effect.fnUntraced(function*(asked: Asked) {
    const before = cpuMicrosOf(pids)
    const { operations, p50, p99, p999, seconds } = yield* leader.ask<Figures>(asked)
    const after = cpuMicrosOf(pids)
    return {
      perSecond: operations / seconds,
      p50Ms: p50,
      p99Ms: p99,
      p999Ms: p999,
      cpuMicros: before === null || after === null ? null : (after - before) / operations,
      errors: 0
    } satisfies Measured
  })
  return { run } satisfies Floor as Floor
})
