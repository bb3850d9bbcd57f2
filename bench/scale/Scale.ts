/**
 * The parts of the measurement of scale, at the sizes of the targets or at a share of them.
 */
import { Cause, Console, Effect } from "effect"
import type { NoAnswer } from "../../test/e2e/harness/Http.ts"
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
  const sessions = of(10_000)
  const ttl = { sessions, ttlMillis: 10_000, seconds, rounds: runs }
  const length = { waiters: of(100_000), locks: of(1_000), sessions }
  const part = <A>(name: Options["parts"][number], what: Effect.Effect<A, NoAnswer>) =>
    parts.includes(name) ? orLeftOut(name, what) : Effect.succeed(null)
  const held = yield* part("held", Held.measure({ locks: sessions * 100, sessions, seconds, runs }))
  const log = yield* part("log", LongLog.measure(of(1_000_000)))
  const renewals = yield* Effect.forEach(
    connections,
    (count) => part("renewals", Renewals.measure({ ...ttl, connections: of(count) }))
  )
  const waiters = yield* part("waiters", Waiters.measure({ ...length, seconds, rounds: runs }))
  return {
    ...(held === null ? {} : { held }),
    ...(log === null ? {} : { log }),
    renewals: renewals.filter((each) => each !== null),
    ...(waiters === null ? {} : { waiters })
  } satisfies Results as Results
})

/** Null where it has failed: the other parts took long and are worth keeping. */
const orLeftOut = <A>(name: string, what: Effect.Effect<A, NoAnswer>) =>
  Effect.andThen(Console.error(`Scale: ${name}`), what).pipe(
    Effect.catchCause((cause) => {
      process.exitCode = 1
      return Effect.as(Console.error(`${name} has failed: ${Cause.pretty(cause)}`), null)
    })
  )
