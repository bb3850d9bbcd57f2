/**
 * The calls of a client by themselves: when one goes out, and when it goes out again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import type * as Call from "../../src/client/engine/Call.ts"
import { Engine } from "../../src/client/engine/Engine.ts"

const makeEngine = Effect.gen(function*() {
  const outbox = yield* Queue.unbounded<Call.Call>()
  let now = 0
  const engine = new Engine({
    clock: { atLeast: () => now, now: () => now },
    random: () => 0,
    outbox,
    onBusy: () => {},
    onNoLeader: () => {},
    onLeader: () => {}
  })
  engine.linked()
  const submit = (waits: boolean) =>
    engine.submit({
      session: null,
      operation: (id) => ({ _tag: "Ping", id }),
      deadline: Infinity,
      waits,
      settle: () => {}
    })
  /** What has gone out by then, as a link would see it. */
  const sentBy = (millis: number) =>
    Effect.map(Effect.andThen(Effect.sync(() => ((now = millis), engine.tend())), Queue.clear(outbox)), (calls) => {
      for (const call of calls) call.sentAt = now
      return calls.length
    })
  return { submit, sentBy }
})

describe("A call without an answer", () => {
  it.effect("goes out again, a wait before anything between gives up on it", () =>
    Effect.gen(function*() {
      const { sentBy, submit } = yield* makeEngine
      submit(true)
      assert.strictEqual(yield* sentBy(0), 1)
      // Node's fetch gives up after 300 s without a head.
      assert.strictEqual(yield* sentBy(119_999), 0)
      assert.strictEqual(yield* sentBy(120_000), 1)
      assert.strictEqual(yield* sentBy(239_999), 0)
      assert.strictEqual(yield* sentBy(240_000), 1)
    }))
})
