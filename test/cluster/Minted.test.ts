/**
 * Sessions that a node makes for an acquire without one: nobody else knows their ids, so the node is
 * answerable for them.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

const forever = { ...wanted, ttlMs: 86_400_000, waitMs: 3_600_000 }

describe("a session that the node has made", () => {
  clusterTest("ends with its waiter when that is told that its outcome is unknown", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked, other] = cluster.others(leader)
    yield* during(cluster.at(leader).locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    const waiter = yield* Effect.forkChild(Effect.flip(cluster.at(asked!).locks.acquire("door", forever)))
    yield* TestClock.adjust(100)
    yield* cluster.crash(leader)
    yield* cluster.crash(other!)
    yield* TestClock.adjust(3000)
    assert.strictEqual((yield* Fiber.join(waiter))._tag, "OutcomeUnknown")
    yield* cluster.start(other!)
    const { locks } = cluster.at(yield* cluster.elect)
    yield* TestClock.adjust(5000)
    assert.strictEqual((yield* during(locks.get("door", "linearizable"))).queueLength, 0)
    assert.lengthOf((yield* during(locks.sessions({ limit: 10, consistency: "linearizable" }))).sessions, 1)
  })

  clusterTest("ends when its caller hangs up in the very moment of the grant, whichever moment that is", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked] = cluster.others(leader)
    const { locks } = cluster.at(asked!)
    for (const other of cluster.ids) if (other !== asked) yield* cluster.network.delay(asked!, other, "3 millis")
    for (let millis = 0; millis < 20; millis++) {
      const waiter = yield* Effect.forkChild(locks.acquire("door", forever), { startImmediately: true })
      yield* pass(millis)
      yield* Fiber.interrupt(waiter)
      const isGranted = waiter.pollUnsafe()?._tag === "Success"
      yield* pass(100)
      const { holders } = yield* during(cluster.at(leader).locks.get("door", "linearizable"))
      assert.lengthOf(holders, isGranted ? 1 : 0)
      if (isGranted) return
    }
    assert.fail("no acquire was granted before it was hung up")
  })

  clusterTest("ends when its caller hangs up and the leader dies with the request in its hands", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked] = cluster.others(leader)
    yield* cluster.network.hold(leader, asked!)
    const waiter = yield* Effect.forkChild(cluster.at(asked!).locks.acquire("door", forever))
    yield* pass(20)
    yield* Fiber.interrupt(waiter)
    yield* pass(20)
    yield* cluster.crash(leader)
    const next = yield* cluster.elect
    yield* TestClock.adjust(2000)
    const view = yield* during(cluster.at(next).locks.get("door", "linearizable"))
    assert.deepStrictEqual([view.holders.length, view.queueLength], [0, 0])
  })

  clusterTest("is kept alive over a change of leaders for as long as its caller waits", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked, other] = cluster.others(leader)
    yield* during(cluster.at(leader).locks.acquire("door", { ...wanted, ttlMs: 20_000 }))
    const short = { ...wanted, ttlMs: 1000, waitMs: 60_000 }
    const waiter = yield* Effect.forkChild(cluster.at(asked!).locks.acquire("door", short))
    yield* TestClock.adjust(5000)
    yield* cluster.crash(leader)
    yield* TestClock.adjust(5000)
    assert.isUndefined(waiter.pollUnsafe())
    const { locks } = cluster.at(other!)
    assert.strictEqual((yield* during(locks.get("door", "linearizable"))).queueLength, 1)
    yield* TestClock.adjust(12_000)
    assert.strictEqual((yield* Fiber.join(waiter)).ttlMs, 1000)
  })
})
