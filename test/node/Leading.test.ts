/**
 * What a turn does for a leader: its tick is due to whoever set the alarm for it and to whoever is woken by that; what
 * it leaves to the next one; and what it does not apply.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Applying from "../../src/node/Applying.ts"
import * as Leading from "../../src/node/Leading.ts"
import { LockStore } from "../../src/node/LockStore.ts"
import { NodeMetrics } from "../../src/node/metrics/NodeMetrics.ts"
import { Copies } from "../../src/node/requests/Copies.ts"
import { Requests } from "../../src/node/requests/Requests.ts"
import type { Shell } from "../../src/node/Shell.ts"
import * as LeaderClock from "../../src/node/time/LeaderClock.ts"
import { LogIndex } from "../../src/raft/Entry.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import * as RaftLog from "../../src/raft/RaftLog.ts"
import { leader, node } from "../raft/support/build.ts"

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

describe("A leadership that ends", () => {
  const deposed = (): Shell =>
    ({
      unconfirmed: new Map([[1, ["a"]]]),
      confirmed: [{ index: LogIndex.make(2), requests: ["b"], isDecided: false }],
      requests: new Requests({ countMax: 10, bytesMax: 10 }),
      copies: new Copies(),
      traces: null,
      now: () => 0
    }) as unknown as Shell

  it("leaves its reads, and what peers have passed on, to the next one, which may have each of them again", () => {
    const shell = deposed()
    const settled: Array<string> = []
    for (const [request, origin] of [["own", null], ["passed on", NodeId.make("n2")]] as const) {
      const settle = () => settled.push(request)
      assert.isTrue(shell.requests.add({ ...pending, request, origin, settle }))
    }
    assert.isTrue(shell.copies.isFirst("n2/boot/1"))
    Leading.changed(shell, leader(), node())
    assert.deepStrictEqual([shell.unconfirmed.size, shell.confirmed.length], [0, 0])
    assert.deepStrictEqual([shell.requests.get("own")?.request, shell.requests.get("passed on")], ["own", undefined])
    assert.isTrue(shell.copies.isFirst("n2/boot/1"))
    assert.deepStrictEqual(settled, [])
  })
})

const pending = {
  ask: { query: { _tag: "Sessions", limit: 1, cursor: null } },
  sinceMillis: 0,
  untilMillis: 1,
  trace: undefined,
  sentTo: null,
  sentAtMillis: 0,
  copies: 0,
  queued: false
} as const

describe("A leader that applies before it writes", () => {
  it("applies nothing that is not on its own disk, though others have committed it", () => {
    const state = leader({ log: [1, 1] })
    const index = state.log.lastIndex
    const shell = {
      lastApplied: LogIndex.make(index - 1),
      now: () => 0,
      requests: new Requests({ countMax: 10, bytesMax: 10 })
    } as unknown as Shell
    const role = { ...state.role, persisted: LogIndex.make(index - 1) }
    // To apply anything would fail: this shell has no state machine.
    Applying.applyDurable(shell, { ...state, commitIndex: index, role })
    assert.strictEqual(shell.lastApplied, index - 1)
  })
})
