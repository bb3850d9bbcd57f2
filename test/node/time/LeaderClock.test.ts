/**
 * The replicated clock as its leader keeps it: never ahead of monotonic time, never back, and a pause is
 * dropped and not caught up.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeLockTable } from "../../../src/lock/LockTable.ts"
import * as LeaderClock from "../../../src/node/time/LeaderClock.ts"
import { acquire, open, queue } from "../../lock/support/commands.ts"

const stepMillisMax = 300

const advance = (clock: LeaderClock.LeaderClock, ...readings: ReadonlyArray<number>) =>
  readings.reduce((one, reading) => LeaderClock.advance(one, reading, stepMillisMax), clock)

describe("the leader's clock", () => {
  it("starts at the largest stamp of the log and moves with monotonic time", () => {
    const clock = advance(LeaderClock.start(5000, 70), 71, 71.25, 100)
    assert.strictEqual(LeaderClock.stamp(clock), 5030)
    assert.strictEqual(clock.droppedMicros, 0)
  })

  it("drops what a step is too long, for good, and counts it", () => {
    const clock = advance(LeaderClock.start(0, 0), 300, 10_300, 10_310)
    assert.strictEqual(LeaderClock.stamp(clock), 610)
    assert.strictEqual(clock.droppedMicros, 9_700_000)
  })

  it("says when a stamp will be reached, not a moment too early", () => {
    const clock = advance(LeaderClock.start(0, 0), 0.4)
    const wait = LeaderClock.millisUntil(clock, 10)
    assert.isAtLeast(LeaderClock.stamp(advance(clock, 0.4 + wait)), 10)
    assert.strictEqual(LeaderClock.millisUntil(clock, 0), 0)
  })

  it.prop("is never ahead of monotonic time and never falls, whatever it is read at", [
    Schema.Array(Schema.Natural)
  ], ([micros]) => {
    let clock = LeaderClock.start(1000, 0)
    let latest = 0
    for (const reading of micros.map((one) => one / 1000)) {
      const before = clock.micros
      clock = advance(clock, reading)
      latest = Math.max(latest, reading)
      assert.isAtLeast(clock.micros, before)
      assert.isAtMost(clock.micros, 1_000_000 + Math.round(latest * 1000))
      assert.strictEqual(clock.micros + clock.droppedMicros, 1_000_000 + Math.round(latest * 1000))
    }
  })
})

describe("by the stamps of such a clock", () => {
  const ttl = 1000
  const Micros = Schema.Number.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 999 }))

  /** When another is granted the lock, in microseconds since the holder's lease began; a leader looks that often. */
  const grantedAfter = (begin: number, everyMicros: number): number => {
    const table = makeLockTable()
    let clock = LeaderClock.start(7, 0)
    const apply = (micros: number, ...commands: Parameters<typeof table.apply>[1]) => {
      clock = LeaderClock.advance(clock, micros / 1000, ttl)
      return table.apply(LeaderClock.stamp(clock), commands)
    }
    apply(begin, open("ann", ttl), open("bob", 2 * ttl), acquire("a", "ann"), queue("b", "bob"))
    for (let micros = begin + ttl * 1000 - 2000;; micros += everyMicros) {
      if (apply(micros).length > 0) return micros - begin
    }
  }

  it.prop(
    "a lease has run in full before another is granted, and for no millisecond more, wherever it began and ends",
    [Micros, Micros],
    ([begin, every]) => {
      const micros = grantedAfter(begin, every + 1)
      assert.isAbove(micros, ttl * 1000)
      assert.isAtMost(micros, ttl * 1000 + 1000 + every)
    }
  )

  it("it has when it began at the very end of a millisecond and another begins", () => {
    assert.strictEqual(grantedAfter(999, 1), ttl * 1000 + 1)
    assert.strictEqual(grantedAfter(0, 1), ttl * 1000 + 1000)
  })
})
