/**
 * The parts of the measurement of scale, at the sizes of the targets or at a share of them.
 */
import { Console, Effect } from "effect"
import * as Held from "./Held.ts"
import * as LongLog from "./LongLog.ts"
import * as Renewals from "./Renewals.ts"
import * as Waiters from "./Waiters.ts"

export const parts = ["held", "log", "renewals", "waiters"] as const

export interface Options {
  readonly parts: ReadonlyArray<typeof parts[number]>
  /** Of the sizes that the targets name, 0 to 1. */
  readonly share: number
  readonly seconds: number
  readonly runs: number
}

/** Those that were asked for. */
export interface Results {
  readonly held?: Held.Results
  readonly log?: LongLog.Results
  readonly renewals?: ReadonlyArray<Renewals.Results>
  readonly waiters?: Waiters.Results
}

export const defaults = { seconds: 3, runs: 5 }

/** Few clients with many sessions each, and a connection for every few. */
const connections = [100, 2_000]

export const measure = Effect.fnUntraced(function*({ parts, runs, seconds, share }: Options) {
  const of = (count: number) => Math.max(1, Math.round(count * share))
  const has = (part: Options["parts"][number]) => parts.includes(part)
  const sessions = of(10_000)
  let results: Results = {}
  if (has("held")) {
    yield* Console.error("Held locks")
    results = { ...results, held: yield* Held.measure({ locks: sessions * 100, sessions, seconds, runs }) }
  }
  if (has("log")) {
    yield* Console.error("A long log")
    results = { ...results, log: yield* LongLog.measure(of(1_000_000)) }
  }
  if (has("renewals")) {
    yield* Console.error("Renewals")
    const ttl = { sessions, ttlMillis: 10_000, seconds, rounds: runs }
    const renewals = yield* Effect.forEach(connections, (count) => Renewals.measure({ ...ttl, connections: of(count) }))
    results = { ...results, renewals }
  }
  if (has("waiters")) {
    yield* Console.error("Waiters")
    const length = { waiters: of(100_000), locks: of(1_000), sessions }
    results = { ...results, waiters: yield* Waiters.measure({ ...length, seconds, rounds: runs }) }
  }
  return results
})
