/**
 * The client library over a cluster in one process: a lock is held, waited for, given back and lost, on the test's
 * clock.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { CurrentLock } from "../../src/client/Lock.ts"
import { clusterTest, during } from "../cluster/Cluster.ts"
import { makeClientCluster } from "./ClientCluster.ts"

/** Time passes in steps that are short against every lease here. */
const pass = (millis: number) => Effect.replicateEffect(TestClock.adjust(10), millis / 10, { discard: true })

const tagOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.isFailure(exit) ? Effect.runSync(Effect.flip(Effect.catchDefect(exit, Effect.die)))._tag : "Success"

describe("A lock of the client library", () => {
  clusterTest("is held by one, and goes to who waits when its scope closes", function*() {
    const { client } = yield* makeClientCluster()
    const [one, two] = [yield* client({ label: "one" }), yield* client({ label: "two" })]
    const scope = yield* Scope.make()
    const lock = yield* during(one.acquire("a").pipe(Scope.provide(scope)))
    const token = yield* lock.token
    const refused = yield* during(Effect.flip(Effect.scoped(two.tryAcquire("a"))))
    assert.strictEqual(refused._tag, "LockHeld")
    if (refused._tag === "LockHeld") assert.deepStrictEqual(refused.holders.map(({ label }) => label), ["one"])
    const waiting = yield* Effect.forkChild(two.withLock("a")(Effect.flatMap(CurrentLock, (held) => held.token)))
    yield* pass(1000)
    assert.isUndefined(waiting.pollUnsafe())
    yield* during(Scope.close(scope, Exit.void))
    assert.isAbove(yield* during(Fiber.join(waiting)), token)
    assert.strictEqual(tagOf(yield* Effect.exit(lock.assertHeld)), "LockLost")
  })

  clusterTest("outlives its TTL many times while its client renews it", function*() {
    const { client } = yield* makeClientCluster()
    const one = yield* client({ ttl: "2 seconds" })
    const lock = yield* during(one.acquire("a"))
    yield* pass(10_000)
    yield* lock.assertHeld
    assert.strictEqual(yield* lock.state, "held")
  })

  clusterTest("waits no longer than it was asked to", function*() {
    const { client } = yield* makeClientCluster()
    const [one, two] = [yield* client(), yield* client()]
    yield* during(one.acquire("a"))
    const waiting = yield* Effect.forkChild(Effect.flip(Effect.scoped(two.acquire("a", { wait: "2 seconds" }))))
    yield* pass(1990)
    assert.isUndefined(waiting.pollUnsafe())
    yield* pass(300)
    assert.strictEqual((yield* Fiber.join(waiting))._tag, "WaitTimeout")
  })

  clusterTest("is lost at nine tenths of its TTL when no node answers, and the work in it is interrupted", function*() {
    const { client, cluster, faults } = yield* makeClientCluster()
    const one = yield* client({ ttl: "10 seconds" })
    let interrupted = false
    const work = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (interrupted = true)))
    const started = yield* Effect.forkChild(Effect.flip(one.withLock("a")(work)))
    yield* pass(100)
    for (const id of cluster.ids) faults.silent.add(id)
    yield* pass(8850)
    assert.isFalse(interrupted)
    yield* pass(200)
    assert.isTrue(interrupted)
    const error = yield* during(Fiber.join(started))
    assert.strictEqual(error._tag, "LockLost")
    if (error._tag === "LockLost") assert.strictEqual(error.reason, "expired")
  })
})
