/**
 * How often the machine is asked how long it has been up, and that no sleep of it is missed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock } from "effect"
import { makeUptime } from "../../src/client/LeaseClock.ts"

/** A machine whose clocks a test moves: both go on, or it sleeps and only the monotonic one stands still. */
const makeMachine = () => {
  const at = { monotonic: 1000, day: 1_700_000_000_000, up: 5000, reads: 0 }
  const clock = {
    currentTimeMillisUnsafe: () => Math.floor(at.day),
    monotonicTimeNanosUnsafe: () => BigInt(Math.round(at.monotonic * 1e6))
  } as Clock.Clock
  const uptime = makeUptime(() => {
    at.reads += 1
    return at.up
  })
  const pass = (millis: number, monotonic = millis) => {
    at.day += millis
    at.up += millis
    at.monotonic += monotonic
  }
  return { at, up: () => uptime(clock), runs: pass, sleeps: (millis: number) => pass(millis, 0) }
}

describe("the uptime of the machine", () => {
  it("goes on with the monotonic clock, and is asked for once in 20 ms", () => {
    const { at, runs, up } = makeMachine()
    for (let turn = 0; turn < 200; turn++) {
      assert.approximately(up(), at.up, 1e-6)
      runs(0.5)
    }
    assert.strictEqual(at.reads, 5)
  })

  it("shows a sleep at once", () => {
    const { at, sleeps, up } = makeMachine()
    up()
    sleeps(60_000)
    assert.strictEqual(up(), at.up)
    assert.strictEqual(at.reads, 2)
  })

  it("shows within 20 ms a sleep that the time of day hides", () => {
    const { at, runs, sleeps, up } = makeMachine()
    up()
    sleeps(60_000)
    at.day -= 60_000
    runs(19)
    assert.strictEqual(up(), at.up - 60_000)
    runs(1)
    assert.strictEqual(up(), at.up)
  })

  it("is not shortened when the time of day is set", () => {
    const { at, up } = makeMachine()
    up()
    at.day -= 3_600_000
    assert.strictEqual(up(), at.up)
  })
})
