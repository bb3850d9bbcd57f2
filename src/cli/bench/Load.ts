/**
 * Workers that acquire a lock and release it, over and over, each as soon as it can. They run in this process, by
 * callbacks, since the load shares the machine with the cluster more often than not.
 */
import { Effect } from "effect"
import type { AcquireError } from "../../client/ClientErrors.ts"
import type { Client } from "../../client/engine/Client.ts"
import { Latencies } from "./Latencies.ts"

export interface LoadOptions {
  readonly workers: number
  readonly seconds: number
  /** The lock of each worker; the same for all makes them queue. */
  readonly lockOf: (worker: number) => string
}

export interface Measured {
  readonly cycles: number
  readonly seconds: number
  readonly errors: number
  /** Of the last acquire that failed. */
  readonly lastError: AcquireError | null
  readonly acquires: Latencies
}

/** Not counted: connections are made, code is compiled, and batches find their size. */
const warmUpMillis = 1000

/** How long the last cycles may take to end, once nothing is counted any more. */
const endMillisMax = 10_000

/** A worker whose acquire has failed waits, rather than to fail as fast as it can. */
const pauseMillis = 100

export const run = Effect.fnUntraced(function*(client: Client["Service"], { lockOf, seconds, workers }: LoadOptions) {
  let phase: "warm-up" | "measured" | "over" = "warm-up"
  let cycles = 0
  let errors = 0
  let lastError: AcquireError | null = null
  const acquires = new Latencies()
  const work = (name: string, ended: () => void) => {
    const request = requestOf(name, client.ttlMillis)
    const cycle = (): void => {
      if (phase === "over") return ended()
      const from = performance.now()
      client.begin(request, {
        granted: (lock) => {
          if (phase === "measured") acquires.add(performance.now() - from)
          lock.release(() => {
            if (phase === "measured") cycles++
            cycle()
          })
        },
        refused: (error) => {
          lastError = error
          if (phase === "measured") errors++
          setTimeout(cycle, pauseMillis)
        }
      })
    }
    cycle()
  }
  const ended = Effect.forEach(
    Array.from({ length: workers }, (_, worker) => lockOf(worker)),
    (name) => Effect.callback<void>((resume) => work(name, () => resume(Effect.void))),
    { concurrency: "unbounded", discard: true }
  )
  const time = Effect.gen(function*() {
    yield* Effect.sleep(warmUpMillis)
    phase = "measured"
    const from = performance.now()
    yield* Effect.sleep(seconds * 1000)
    phase = "over"
    return (performance.now() - from) / 1000
  })
  const [measuredSeconds] = yield* Effect.all([
    time,
    Effect.timeoutOption(ended, warmUpMillis + seconds * 1000 + endMillisMax)
  ], { concurrency: 2 })
  return { cycles, seconds: measuredSeconds, errors, lastError, acquires } satisfies Measured as Measured
})

/** What each acquire of a load asks for. */
export const requestOf = (name: string, ttlMillis: number) => ({
  name,
  ttlMillis,
  waitMillis: 30_000,
  owner: null,
  mode: "exclusive" as const,
  permits: 1,
  lockDelayMillis: 0,
  maxHoldMillis: null,
  value: null
})
