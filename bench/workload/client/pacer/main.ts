/**
 * The thread of a `Pacing`: sleeps until something is due, says so, and nothing else.
 */
import { parentPort, workerData } from "node:worker_threads"
import { nowMillis } from "../../../lib/Now.ts"
import { arrivals } from "../Arrivals.ts"
import type { Due, Schedule } from "../Pacing.ts"

const { perSecond, until }: Schedule = workerData

const bell = new Int32Array(new SharedArrayBuffer(4))

const tell = (due: Due): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(due)
}

for (const due of arrivals({ from: nowMillis(), until, perSecond, random: Math.random })) {
  const left = due.dueAt - nowMillis()
  if (left > 0) Atomics.wait(bell, 0, 0, left)
  tell(due)
}
tell({ dueAt: until, count: 0 })
