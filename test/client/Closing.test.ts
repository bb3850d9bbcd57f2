/**
 * A client that is closed while others still use it: whoever asks is told so, whoever leads stops, and nothing is left
 * in the cluster.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { TestCluster } from "../../src/testing.ts"
import { inCluster } from "../testing/inCluster.ts"

const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

/** What it says of itself, at once: nothing more happens in time. */
const refusalOf = <A>(fiber: Fiber.Fiber<A, { readonly _tag: string; readonly message: string }>) =>
  Effect.map(Effect.flip(Fiber.join(fiber)), ({ _tag, message }) => [_tag, message])

const closedWords = ["Unavailable", "the client has been closed"]

/** A client whose scope a test closes, in a cluster that lives on. */
const makeClient = Effect.gen(function*() {
  const { client, look } = yield* TestCluster
  const scope = yield* Scope.make()
  const one = yield* client({ label: "one" }).pipe(Scope.provide(scope))
  const close = Effect.gen(function*() {
    const closing = yield* fork(Scope.close(scope, Exit.void))
    yield* TestClock.adjust(1500)
    yield* Fiber.join(closing)
  })
  return { ...one, close, look }
})

describe("A client that is closed", () => {
  inCluster("refuses whoever leads a further term", function*() {
    const { close, locks, look } = yield* makeClient
    let terms = 0
    const work = Effect.andThen(Effect.sync(() => void (terms += 1)), Effect.never)
    const leading = yield* fork(locks.elect("a").lead(work))
    yield* TestClock.adjust(100)
    assert.strictEqual(terms, 1)
    yield* close
    assert.deepStrictEqual(yield* refusalOf(leading), closedWords)
    assert.strictEqual(terms, 1)
    assert.deepStrictEqual((yield* look("a")).holders, [])
  })

  inCluster("refuses what it is asked from then on", function*() {
    const { close, locks, look } = yield* makeClient
    yield* close
    const asked = [
      yield* fork(Effect.scoped(locks.acquire("a"))),
      yield* fork(Effect.scoped(locks.tryAcquire("a", { owner: "me" }))),
      yield* fork(locks.get("a")),
      yield* fork(locks.check("a", 1))
    ]
    const refusals = yield* Effect.forEach(asked, (fiber) => refusalOf(fiber as Fiber.Fiber<unknown, never>))
    assert.deepStrictEqual(refusals, asked.map(() => closedWords))
    assert.deepStrictEqual((yield* look("a")).holders, [])
  })

  inCluster("leaves nobody waiting whom no node has answered", function*() {
    const { close, disconnect, locks } = yield* makeClient
    yield* disconnect
    const asked = [
      yield* fork(Effect.scoped(locks.acquire("a"))),
      yield* fork(Effect.scoped(locks.tryAcquire("a"))),
      yield* fork(locks.get("a")),
      yield* fork(locks.check("a", 1))
    ]
    yield* close
    const refusals = yield* Effect.forEach(asked, (fiber) => refusalOf(fiber as Fiber.Fiber<unknown, never>))
    assert.deepStrictEqual(refusals, asked.map(() => closedWords))
  })

  inCluster("lets go of what was lost before, be it still in hand or about to be released", function*() {
    const { close, disconnect, locks } = yield* makeClient
    const [late, later] = [yield* Scope.make(), yield* Scope.make()]
    const over = yield* locks.acquire("a", { maxHold: "2 seconds" }).pipe(Scope.provide(late))
    const released = yield* locks.acquire("b").pipe(Scope.provide(later))
    yield* TestClock.adjust(2000)
    yield* disconnect
    const releasing = yield* fork(Scope.close(later, Exit.void))
    yield* close
    yield* Fiber.join(releasing)
    yield* Scope.close(late, Exit.void)
    assert.deepStrictEqual([yield* over.state, yield* released.state], ["lost", "lost"])
  })
})
