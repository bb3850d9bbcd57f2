/**
 * Cycles that begin by a schedule, as those of independent clients do. An acquire is timed from when it was to begin:
 * if the cluster, or this process, stands still, all that was to begin meanwhile has waited, and is counted so
 * (coordinated omission). What is not answered at the end counts as failed.
 */
import { Effect } from "effect"
import type { Client } from "../../../src/client/engine/Client.ts"
import { nowMillis } from "../../lib/Now.ts"
import { type Open, warmUpMillis } from "../Workload.ts"
import { Counting } from "./Counting.ts"
import * as Cycle from "./Cycle.ts"
import * as Pacing from "./Pacing.ts"

export const run = Effect.fnUntraced(function*(client: Client["Service"], { perSecond, seconds }: Open) {
  const counting = new Counting()
  const free: Array<string> = []
  // Names that were made, cycles that are under way, and acquires among them that count.
  const now = { made: 0, inFlight: 0, counted: 0 }
  const begin = (dueAt: number, isCounted: boolean): void => {
    if (now.inFlight >= inFlightMax) return isCounted ? counting.failed() : undefined
    const name = free.pop() ?? `bench/${process.pid}/open/${now.made++}`
    now.inFlight++
    if (isCounted) now.counted++
    const ended = () => {
      now.inFlight--
      free.push(name)
    }
    Cycle.begin(client, name, {
      granted: () => {
        if (!isCounted) return
        now.counted--
        counting.acquiredLate(nowMillis() - dueAt)
      },
      released: () => {
        counting.ended()
        ended()
      },
      refused: () => {
        if (isCounted) {
          now.counted--
          counting.failed()
        }
        ended()
      }
    })
  }
  const [from, until] = [nowMillis() + warmUpMillis, nowMillis() + warmUpMillis + seconds * 1000]
  const paced = Pacing.follow({ perSecond, until }, (dueAt, count) => {
    for (let left = count; left > 0; left--) begin(dueAt, dueAt >= from)
  })
  const start = Effect.andThen(Effect.sleep(warmUpMillis), Effect.sync(() => counting.start()))
  yield* Effect.all([paced, start], { concurrency: 2 })
  counting.stop()
  for (let waited = 0; now.inFlight > 0 && waited < endMillisMax; waited += 10) yield* Effect.sleep(10)
  for (; now.counted > 0; now.counted--) counting.failed()
  return counting.figures
})

/** So many unanswered are more than a cluster takes from one client; what is due beyond it has failed. */
const inFlightMax = 20_000

/** How long the last cycles may take to end. */
const endMillisMax = 10_000
