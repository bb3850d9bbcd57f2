/** A leader's tick: it is due to whoever set the alarm for it, and to whoever is woken by that. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Leading from "../../src/node/Leading.ts"
import { LockStore } from "../../src/node/LockStore.ts"
import { NodeMetrics } from "../../src/node/metrics/NodeMetrics.ts"
import type { Shell } from "../../src/node/Shell.ts"
import * as LeaderClock from "../../src/node/time/LeaderClock.ts"
import * as RaftLog from "../../src/raft/RaftLog.ts"
import { leader } from "../raft/support/build.ts"

const clockTickMillis = 250

describe("A tick of a leader that nobody asks for anything", () => {
  // By the clock, 1951.673 + 250 is 2201.673, but 2201.673 - 1951.673 is a little less than 250.
  it.effect.each([[0], [1951.673], [1064.137], [7.1]] as const)(
    "is made when the alarm for it goes off, after %s ms",
    ([movedAt]) =>
      Effect.gen(function*() {
        let alarm: number | null = null
        let now = movedAt
        const state = leader()
        const shell = {
          config: { timings: { clockTickMillis }, historyKept: 1 },
          now: () => now,
          wallNow: () => 0,
          clock: LeaderClock.start(RaftLog.lastTime(state.log), movedAt),
          movedAtMillis: movedAt,
          lockStore: { ...(yield* LockStore), hasSessions: () => true },
          metrics: new NodeMetrics(state.log.lastIndex),
          versions: new Map(),
          traces: null,
          armTick: (atMillis: number | null) => {
            alarm = atMillis
          }
        } as unknown as Shell
        const ticked = () => Leading.serve(shell, [state, []], [], true)[0].log.lastIndex - state.log.lastIndex
        Leading.armTick(shell, state)
        assert.isNotNull(alarm)
        now = alarm! - 0.001
        assert.strictEqual(ticked(), 0, "not before")
        now = alarm!
        assert.strictEqual(ticked(), 1, "then")
      }).pipe(Effect.provide(LockStore.layer))
  )
})
