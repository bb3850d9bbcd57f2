/**
 * Tells when cycles are due: as many in each half millisecond as chance has of clients that know nothing of each other
 * (a Poisson process). A thread of its own keeps the time, because timers of an event loop are late by up to a
 * millisecond; whatever is told late is told with the time at which it was due.
 */
import { Effect } from "effect"
import { Worker } from "node:worker_threads"

export interface Schedule {
  readonly perSecond: number
  /** On the monotonic clock, in milliseconds. */
  readonly until: number
}

export interface Due {
  readonly dueAt: number
  /** 0 is the last word. */
  readonly count: number
}

/** Ends when the schedule does, and its thread with it. */
export const follow = (schedule: Schedule, due: (dueAt: number, count: number) => void): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const worker = new Worker(new URL("pacer/main.ts", import.meta.url), { workerData: schedule })
    worker.on("error", (error) => resume(Effect.die(error)))
    worker.on("message", ({ count, dueAt }: Due) => count === 0 ? resume(Effect.void) : due(dueAt, count))
    return Effect.promise(() => worker.terminate())
  })
