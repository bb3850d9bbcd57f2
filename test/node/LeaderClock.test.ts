/**
 * The replicated clock as its leader keeps it: never ahead of monotonic time, never back, and a pause is
 * dropped and not caught up.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as LeaderClock from "../../src/node/LeaderClock.ts"

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
