/**
 * A timer that can be moved: not before, then, and once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Alarm from "../../../src/node/time/Alarm.ts"

/** An alarm, and how often it has gone off. */
const counted = Effect.gen(function*() {
  let rings = 0
  const alarm = yield* Alarm.make(Effect.sync(() => {
    rings += 1
  }))
  const after = (millis: number) => Effect.map(TestClock.adjust(millis), () => rings)
  return { ...alarm, after }
})

describe("an alarm", () => {
  it.effect("goes off at its time, not before, and once", () =>
    Effect.gen(function*() {
      const { after, set } = yield* counted
      set(100)
      assert.strictEqual(yield* after(99), 0)
      assert.strictEqual(yield* after(1), 1)
      assert.strictEqual(yield* after(1000), 1)
    }))

  it.effect("can be moved later, and earlier", () =>
    Effect.gen(function*() {
      const { after, set } = yield* counted
      set(100)
      set(200)
      assert.strictEqual(yield* after(199), 0)
      assert.strictEqual(yield* after(1), 1)
      set(1000)
      set(300)
      assert.strictEqual(yield* after(99), 1)
      assert.strictEqual(yield* after(1), 2)
      assert.strictEqual(yield* after(1000), 2)
    }))

  it.effect("is silent when it is disarmed, and can be set again", () =>
    Effect.gen(function*() {
      const { after, set } = yield* counted
      set(100)
      set(null)
      assert.strictEqual(yield* after(500), 0)
      set(600)
      assert.strictEqual(yield* after(99), 0)
      assert.strictEqual(yield* after(1), 1)
    }))

  it.effect("goes off at once for a time that is past", () =>
    Effect.gen(function*() {
      const { after, set } = yield* counted
      assert.strictEqual(yield* after(50), 0)
      set(20)
      assert.strictEqual(yield* after(0), 1)
    }))

  it.effect("ends with its scope", () =>
    Effect.gen(function*() {
      const { after } = yield* Effect.scoped(Effect.tap(counted, ({ set }) => Effect.sync(() => set(100))))
      assert.strictEqual(yield* after(1000), 0)
    }))
})
