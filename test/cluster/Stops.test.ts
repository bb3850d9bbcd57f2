/**
 * A node that stops keeps nobody waiting, and takes back what nobody will ever hear of.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

/** Starts something on a node and gives it the time to get under way. */
const underWay = <E>(effect: Effect.Effect<unknown, E>) =>
  Effect.tap(Effect.forkChild(Effect.flip(effect), { startImmediately: true }), TestClock.adjust(100))

const atOnce = Effect.fnUntraced(function*<A, E>(fiber: Fiber.Fiber<A, E>) {
  yield* TestClock.adjust(0)
  assert.isDefined(fiber.pollUnsafe(), "is answered without time passing")
  return yield* Fiber.join(fiber)
})

describe("a node that stops", () => {
  clusterTest("answers whoever waits for a change that its outcome is unknown", function*() {
    const cluster = yield* makeCluster(3)
    const { locks } = cluster.at(yield* cluster.elect)
    yield* during(locks.acquire("door", wanted))
    const waiter = yield* underWay(locks.acquire("door", { ...wanted, waitMs: 60_000 }))
    yield* locks.drain
    assert.strictEqual((yield* atOnce(waiter))._tag, "OutcomeUnknown")
  })

  clusterTest("answers whoever waits for a read that it was not made", function*() {
    const cluster = yield* makeCluster(3)
    const [one, two, three] = cluster.ids
    yield* cluster.crash(one!)
    yield* cluster.crash(two!)
    const { locks } = cluster.at(three!)
    const reads = [
      yield* underWay(locks.get("door", "linearizable")),
      yield* underWay(locks.check("door", 1)),
      yield* underWay(locks.list({ limit: 10, consistency: "linearizable" })),
      yield* underWay(locks.sessions({ limit: 10, consistency: "linearizable" }))
    ]
    yield* locks.drain
    for (const read of reads) assert.strictEqual((yield* atOnce(read))._tag, "NoLeader")
  })

  clusterTest("takes nothing on any more", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    yield* cluster.at(leader).locks.drain
    const { lastLogIndex } = yield* cluster.at(leader).node.status
    assert.strictEqual((yield* Effect.flip(cluster.at(leader).locks.acquire("door", wanted)))._tag, "NoLeader")
    assert.strictEqual((yield* cluster.at(leader).node.status).lastLogIndex, lastLogIndex)
  })

  clusterTest("leaves a waiter in its session's place, and ends a session that it has made itself", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked] = cluster.others(leader)
    const { locks } = cluster.at(asked!)
    yield* during(locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    const { session } = yield* during(locks.openSession({ ttlMs: 60_000, label: "own" }))
    yield* underWay(locks.acquire("door", { ...wanted, session, waitMs: 60_000 }))
    yield* underWay(locks.acquire("door", { ...wanted, ttlMs: 60_000, waitMs: 60_000 }))
    assert.strictEqual((yield* during(locks.get("door", "linearizable"))).queueLength, 2)
    yield* locks.drain
    yield* TestClock.adjust(100)
    const { queueLength } = yield* during(cluster.at(leader).locks.get("door", "linearizable"))
    assert.strictEqual(queueLength, 1)
    const page = yield* during(cluster.at(leader).locks.sessions({ limit: 10, consistency: "linearizable" }))
    assert.deepStrictEqual(page.sessions.map(({ label, waits }) => [label, waits]), [["test", 0], ["own", 1]])
  })
})
