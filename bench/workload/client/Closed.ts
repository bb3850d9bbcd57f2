/**
 * Workers that begin their next cycle as soon as the last one has ended: the most that so many of them get.
 */
import { Effect } from "effect"
import type { Client } from "../../../src/client/engine/Client.ts"
import { type Closed, warmUpMillis } from "../Workload.ts"
import { Counting } from "./Counting.ts"
import * as Cycle from "./Cycle.ts"

export const run = Effect.fnUntraced(function*(client: Client["Service"], { hot, seconds, workers }: Closed) {
  const counting = new Counting()
  let isOver = false
  const work = (name: string, ended: () => void): void => {
    const cycle = (): void => {
      if (isOver) return ended()
      const from = performance.now()
      Cycle.begin(client, name, {
        granted: () => counting.acquired(performance.now() - from),
        released: () => {
          counting.ended()
          cycle()
        },
        refused: () => {
          counting.failed()
          setTimeout(cycle, pauseMillis)
        }
      })
    }
    cycle()
  }
  const ended = Effect.forEach(
    Array.from({ length: workers }, (_, worker) => hot ? "bench/hot" : `bench/${process.pid}/${worker}`),
    (name) => Effect.callback<void>((resume) => work(name, () => resume(Effect.void))),
    { concurrency: "unbounded", discard: true }
  )
  const time = Effect.gen(function*() {
    yield* Effect.sleep(warmUpMillis)
    counting.start()
    yield* Effect.sleep(seconds * 1000)
    counting.stop()
    isOver = true
  })
  yield* Effect.all([time, ended], { concurrency: 2 })
  return counting.figures
})

/** A worker whose acquire has failed waits, rather than to fail as fast as it can. */
const pauseMillis = 100
