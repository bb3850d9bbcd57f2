/**
 * How busy this machine is, from the counters of its processors. A measurement says under what load it was
 * taken; it waits for a quiet moment, but not for ever, and tells when there was none.
 */
import { Effect } from "effect"
import { cpus, loadavg, totalmem } from "node:os"

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version
})

/** The load average of the last minute. */
export const load = (): number => loadavg()[0] ?? Number.NaN

interface Counters {
  readonly idle: number
  readonly total: number
}

const counters = (): Counters => {
  const times = cpus().map(({ times: { idle, irq, nice, sys, user } }) => ({
    idle,
    total: idle + irq + nice + sys + user
  }))
  const sum = (of: (one: Counters) => number) => times.reduce((all, one) => all + of(one), 0)
  return { idle: sum(({ idle }) => idle), total: sum(({ total }) => total) }
}

/** Which share of all processors was busy during an effect's time: 0 to 1. */
const busyDuring = (millis: number): Effect.Effect<number> =>
  Effect.gen(function*() {
    const before = counters()
    yield* Effect.sleep(millis)
    const after = counters()
    const total = after.total - before.total
    return total === 0 ? 0 : 1 - (after.idle - before.idle) / total
  })

const windowMillis = 250
const quietShare = 0.35
const patienceMillis = 2_000

/** Waits for a quiet window and returns the share that was busy in the last one, quiet or not. */
export const quiet: Effect.Effect<number> = Effect.gen(function*() {
  let busy = 1
  for (let waited = 0; waited < patienceMillis && busy > quietShare; waited += windowMillis) {
    busy = yield* busyDuring(windowMillis)
  }
  return busy
})
