/**
 * What commands ask for scripts, of one node after the other: when they ask again, whom, and for how long.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { LockHeld, NoLeader, OutcomeUnknown, Overloaded } from "../../src/api/Problems.ts"
import { makeAsk } from "../../src/cli/Failover.ts"
import type { ApiClient } from "../../src/client/transport/HttpOperations.ts"

/** Clients that are nothing but the names of their nodes; those that are down are not found. */
const asking = (down: ReadonlySet<string>) =>
  makeAsk(["a", "b", "c"], (addresses) => {
    const at = addresses.find((address) => !down.has(address))
    return at === undefined ? Effect.fail("nobody") : Effect.succeed({ at, client: at as unknown as ApiClient })
  })

const nameOf = (client: ApiClient) => String(client)

const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

const passed = (seconds: number) => Effect.replicateEffect(TestClock.adjust(100), seconds * 10, { discard: true })

describe("What is asked for a script", () => {
  it.effect("is asked of another node when one is lost or cannot say, and stays there", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      const asked: Array<string> = []
      const answers: Record<string, Effect.Effect<string, unknown>> = {
        a: Effect.fail(new TypeError("fetch failed")),
        b: Effect.succeed("done"),
        c: Effect.fail(new NoLeader({}))
      }
      const operation = (client: ApiClient) => {
        asked.push(nameOf(client))
        return answers[nameOf(client)]!
      }
      const first = yield* fork(ask(operation))
      yield* passed(1)
      assert.strictEqual(yield* Fiber.join(first), "done")
      answers["b"] = Effect.fail(new OutcomeUnknown({}))
      answers["a"] = Effect.succeed("done again")
      const second = yield* fork(ask(operation))
      yield* passed(1)
      assert.strictEqual(yield* Fiber.join(second), "done again")
      assert.deepStrictEqual(asked, ["a", "b", "b", "a"])
    }))

  it.effect("is told at once what a node says", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      const held = new LockHeld({ holders: [], queueLength: 0, lockDelayLeftMs: 0 })
      assert.strictEqual(yield* Effect.flip(ask(() => Effect.fail(held))), held)
    }))

  it.effect("is given up when no node can say for long, and not before", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      const asked = yield* fork(Effect.exit(ask(() => Effect.fail(new NoLeader({})))))
      yield* passed(14)
      assert.isUndefined(asked.pollUnsafe())
      yield* passed(2)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(asked)))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(asking(new Set(["a", "b", "c"])))))
    }))

  it.effect("is given up in time also when the time of day is set back meanwhile", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      let millis = 0
      const clock = {
        ...yield* Clock.Clock,
        currentTimeMillis: Effect.sync(() => -millis),
        monotonicTimeNanos: Effect.sync(() => BigInt(Math.round(millis)) * 1_000_000n),
        sleep: (time: Duration.Duration) =>
          Effect.andThen(Effect.yieldNow, Effect.sync(() => millis += Duration.toMillis(time)))
      } as Clock.Clock
      const asked = Effect.provideService(ask(() => Effect.fail(new NoLeader({}))), Clock.Clock, clock)
      assert.instanceOf(yield* Effect.flip(asked), NoLeader)
      assert.isBelow(millis, 16_000)
    }))

  it.effect("may have been done when one node did not say and the others know of no leader", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      let asked = 0
      const operation = () => Effect.suspend(() => Effect.fail((asked += 1) === 2 ? new TypeError() : new NoLeader({})))
      const error = yield* fork(Effect.flip(ask(operation)))
      yield* passed(16)
      assert.instanceOf(yield* Fiber.join(error), OutcomeUnknown)
      asked = 0
      const full = Effect.suspend(() => Effect.fail((asked += 1) === 1 ? new TypeError() : new Overloaded({})))
      const overloaded = yield* fork(Effect.flip(ask(() => full)))
      yield* passed(1)
      assert.instanceOf(yield* Fiber.join(overloaded), OutcomeUnknown)
      assert.instanceOf(yield* Effect.flip(ask(() => full)), Overloaded)
      const noLeader = yield* fork(Effect.flip(ask(() => Effect.fail(new NoLeader({})))))
      yield* passed(16)
      assert.instanceOf(yield* Fiber.join(noLeader), NoLeader)
    }))

  it.effect("goes on elsewhere when its node falls silent, and a wait does so when anything else has found that", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set(["c"]))
      const operation = (client: ApiClient) => nameOf(client) === "a" ? Effect.never : Effect.succeed(nameOf(client))
      const waiting = yield* fork(ask.waiting(operation))
      yield* passed(60)
      assert.isUndefined(waiting.pollUnsafe())
      const renewal = yield* fork(ask(operation))
      yield* passed(4)
      assert.isUndefined(renewal.pollUnsafe())
      yield* passed(2)
      assert.strictEqual(yield* Fiber.join(renewal), "b")
      assert.strictEqual(yield* Fiber.join(waiting), "b")
    }))

  it.effect("is a wait that is asked for anew now and then, before its node has waited for so long", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      let asked = 0
      let hungUp = 0
      const waitThrice = (client: ApiClient) =>
        Effect.suspend(() => {
          asked += 1
          // To the node that is asked anew, what it was asked before is out of date.
          if (asked === 3) return Effect.succeed(nameOf(client))
          const superseded = Effect.andThen(Effect.sleep("121 seconds"), Effect.fail(new OutcomeUnknown({})))
          return Effect.onInterrupt(superseded, () => Effect.sync(() => void (hungUp += 1)))
        })
      const waiting = yield* fork(ask.waiting(waitThrice))
      yield* passed(119)
      assert.strictEqual(asked, 1)
      yield* passed(2)
      assert.deepStrictEqual([asked, hungUp], [2, 0])
      yield* passed(118)
      assert.deepStrictEqual([asked, hungUp], [2, 0])
      yield* passed(2)
      assert.strictEqual(yield* Fiber.join(waiting), "a")
      assert.deepStrictEqual([asked, hungUp], [3, 1])
    }))

  it.effect("keeps a wait at the node that it left until it is over elsewhere, so that its place is kept", () =>
    Effect.gen(function*() {
      const ask = yield* asking(new Set())
      const hungUp: Array<string> = []
      let granted: ((at: string) => void) | null = null
      const waitAt = (client: ApiClient) =>
        Effect.callback<string>((resume) => {
          const at = nameOf(client)
          granted = () => resume(Effect.succeed(at))
          return Effect.sync(() => void hungUp.push(at))
        })
      const waiting = yield* fork(ask.waiting(waitAt))
      yield* passed(1)
      yield* fork(ask((client) => nameOf(client) === "b" ? Effect.succeed("b") : Effect.fail(new NoLeader({}))))
      yield* passed(1)
      assert.deepStrictEqual(hungUp, [])
      granted!("b")
      assert.strictEqual(yield* Fiber.join(waiting), "b")
      assert.deepStrictEqual(hungUp, ["a"])
      const givenUp = yield* fork(ask.waiting(waitAt))
      yield* passed(1)
      yield* Fiber.interrupt(givenUp)
      assert.deepStrictEqual(hungUp, ["a", "b"])
    }))
})
