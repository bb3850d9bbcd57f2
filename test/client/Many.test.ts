/**
 * Very many acquires of one client at once, and one that waits while thousands come and go: the cluster keeps a bounded
 * number of outcomes for a session, and nobody is told so.
 */
import { assert, describe } from "@effect/vitest"
import { Array, Effect, Exit, Fiber, Scope } from "effect"
import { clusterTest, during } from "../cluster/Cluster.ts"
import { makeClientCluster } from "./ClientCluster.ts"

describe("One client", () => {
  clusterTest(
    "has ten thousand waiters on one lock, in the order in which they came, and takes them back",
    function*() {
      const { client, faults } = yield* makeClientCluster()
      const one = yield* client()
      const lock = yield* during(one.acquire("a"))
      const token = Effect.scoped(Effect.flatMap(one.acquire("a"), ({ token }) => token))
      const [first, second] = [yield* Effect.forkChild(token), yield* Effect.forkChild(token)]
      const others = yield* Effect.forEach(
        Array.range(3, 10_000),
        () => Effect.forkChild(Effect.scoped(Effect.andThen(one.acquire("a"), Effect.never)))
      )
      const waiting = Effect.repeat(one.get("a"), { until: ({ queueLength }) => queueLength === 10_000 })
      yield* during(waiting)
      assert.isAtMost(faults.batches, 40)
      assert.isAtMost(faults.sessions.size, 6)
      yield* during(lock.release)
      const tokens = yield* during(Effect.all([Fiber.join(first), Fiber.join(second)]))
      assert.isAbove(tokens[1], tokens[0])
      yield* during(Fiber.interruptAll(others))
      const free = Effect.repeat(one.get("a"), {
        until: ({ holders, queueLength }) => holders.length + queueLength === 0
      })
      yield* during(free)
      yield* during(Effect.scoped(one.tryAcquire("a")))
    },
    60_000
  )

  clusterTest("waits with one acquire while thousands of others come and go", function*() {
    const { client, faults } = yield* makeClientCluster()
    const one = yield* client()
    const scope = yield* Scope.make()
    yield* during(one.acquire("a").pipe(Scope.provide(scope)))
    const waiting = yield* Effect.forkChild(Effect.scoped(one.acquire("a")))
    const cycles = Effect.forEach(
      Array.range(1, 500),
      (at) => Effect.repeat(Effect.scoped(one.acquire(`b${at}`)), { times: 9 }),
      { concurrency: "unbounded", discard: true }
    )
    yield* during(cycles)
    assert.strictEqual(faults.sessions.size, 1)
    yield* during(Scope.close(scope, Exit.void))
    yield* during(Fiber.join(waiting))
  }, 60_000)
})
