/**
 * What a watcher hears while nothing happens that concerns it: every 15 seconds, how far it is.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { LockName } from "../../../src/lock/Identifiers.ts"
import type { LockEvent } from "../../../src/lock/LockEvent.ts"
import { EventLog } from "../../../src/node/EventLog.ts"
import { begin, next, type Source } from "../../../src/server/events/Watching.ts"

const queued = (lock: string): LockEvent => ({
  kind: "queued",
  lock: LockName.make(lock),
  label: "ann",
  owner: "",
  mode: "exclusive",
  token: null,
  reason: null,
  millis: 0,
  queueLength: 1,
  wallMillis: 0
})

/** A watcher of `mine/` that has heard where it begins, and the log that it reads. */
const watching = Effect.fnUntraced(function*(kept = 100) {
  const log = new EventLog(kept, 9)
  let stopping = false
  const source: Source = { log, stops: new Set(), isStopping: () => stopping }
  let place = begin(log, { prefix: "mine/" })
  /** All that it is told from now on, each with its id. */
  const told: Array<string> = []
  const hear = Effect.gen(function*() {
    while (true) {
      const step = yield* next(source, "mine/", place)
      if (step === undefined) return
      place = step[1]
      told.push(...step[0].map(({ event, id }) => `${id} ${event}`))
    }
  })
  const fiber = yield* Effect.forkChild(hear, { startImmediately: true })
  yield* TestClock.adjust(0)
  assert.deepStrictEqual(told.splice(0), ["10.0 at"])
  return {
    told,
    fiber,
    apply: (index: number, ...events: ReadonlyArray<LockEvent>) => {
      log.add(index, events)
      log.wake()
    },
    stop: () => {
      stopping = true
      for (const stop of source.stops) stop()
    }
  }
})

describe("a watcher of whose locks nothing becomes", () => {
  it.effect("hears every 15 seconds how far it is, though entries are applied all the time", () =>
    Effect.gen(function*() {
      const { apply, fiber, told } = yield* watching()
      let index = 9
      const quarters = Effect.fnUntraced(function*(count: number, ...events: ReadonlyArray<LockEvent>) {
        for (let at = 0; at < count; at++) {
          yield* TestClock.adjust(250)
          apply(index += 1, ...events)
        }
      })
      yield* quarters(59)
      yield* TestClock.adjust(249)
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(told.splice(0), ["69.0 at"])
      // Events of others are no news for it.
      yield* quarters(59, queued("other"))
      yield* TestClock.adjust(249)
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(told.splice(0), ["128.0 at"])
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("is told at once what concerns it, and then begins to count anew", () =>
    Effect.gen(function*() {
      const { apply, fiber, told } = yield* watching()
      yield* TestClock.adjust(10_000)
      apply(10, queued("other"), queued("mine/a"))
      yield* TestClock.adjust(14_999)
      assert.deepStrictEqual(told.splice(0), ["10.2 queued"])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(told.splice(0), ["11.0 at"])
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("hears when the node stops, and no more", () =>
    Effect.gen(function*() {
      const { apply, fiber, stop, told } = yield* watching()
      apply(10, queued("other"))
      yield* TestClock.adjust(1)
      stop()
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(told, ["11.0 cut-off"])
      yield* Fiber.join(fiber)
    }))
})
