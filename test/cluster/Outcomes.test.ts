/**
 * What a caller hears is true: who is told that nothing was done finds nothing done, ever after, and
 * who is told of one outcome does not get another behind its back.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

/** A cluster whose leader stands before a full disk with one write in its hands: its inbox fills. */
const stalled = Effect.gen(function*() {
  const cluster = yield* makeCluster(3)
  const leader = yield* cluster.elect
  const held = yield* during(cluster.at(leader).locks.acquire("held", { ...wanted, ttlMs: 60_000 }))
  cluster.disk(leader).trouble("full")
  yield* Effect.forkChild(Effect.ignore(cluster.at(leader).locks.acquire("first", wanted)), { startImmediately: true })
  yield* TestClock.adjust(1)
  assert.isNotNull((yield* cluster.at(leader).node.status).stalled)
  return { cluster, leader, held, locks: cluster.at(leader).locks }
})

const holdersOf = (cluster: Effect.Success<ReturnType<typeof makeCluster>>, name: string) =>
  Effect.flatMap(cluster.elect, (leader) => during(cluster.at(leader).locks.get(name, "linearizable"))).pipe(
    Effect.map(({ holders }) => holders)
  )

describe("a request that is refused with no-leader", () => {
  clusterTest("is not done afterwards, when its node has room on its disk again", function*() {
    const { cluster, leader, locks } = yield* stalled
    const late = yield* Effect.forkChild(Effect.flip(locks.acquire("late", { ...wanted, ttlMs: 60_000 })))
    yield* TestClock.adjust(2500)
    assert.strictEqual((yield* Fiber.join(late))._tag, "NoLeader")
    cluster.disk(leader).trouble(null)
    yield* TestClock.adjust(3000)
    assert.deepStrictEqual(yield* holdersOf(cluster, "late"), [])
  })
})

describe("a request that is refused with overloaded", () => {
  clusterTest("is not done afterwards", function*() {
    const { cluster, leader, locks } = yield* stalled
    const { node } = cluster.at(leader)
    const reads = Array.from({ length: 16_384 }, () => node.query({ _tag: "Sessions", limit: 1, cursor: null }))
    const crowd = yield* Effect.forkChild(Effect.all(reads, { concurrency: "unbounded" }), { startImmediately: true })
    assert.strictEqual((yield* Effect.flip(locks.acquire("late", { ...wanted, ttlMs: 60_000 })))._tag, "Overloaded")
    yield* Fiber.interrupt(crowd)
    cluster.disk(leader).trouble(null)
    yield* TestClock.adjust(3000)
    assert.deepStrictEqual(yield* holdersOf(cluster, "late"), [])
  })
})

describe("a request that finds the lock held", () => {
  clusterTest("does not get it from a second copy of itself", function*() {
    const { cluster, leader, held, locks } = yield* stalled
    const acquire = yield* Effect.forkChild(Effect.flip(locks.acquire("held", { ...wanted, ttlMs: 60_000 })), {
      startImmediately: true
    })
    const release = yield* Effect.forkChild(locks.release("held", held), { startImmediately: true })
    // Long enough for the node to ask itself whether anything must be sent again.
    yield* TestClock.adjust(200)
    cluster.disk(leader).trouble(null)
    yield* TestClock.adjust(1000)
    assert.strictEqual((yield* Fiber.join(acquire))._tag, "LockHeld")
    yield* Fiber.join(release)
    assert.deepStrictEqual(yield* holdersOf(cluster, "held"), [])
  })

  clusterTest("does not get it from a copy that went to the next leader", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const [asked, next] = cluster.others(first)
    const held = yield* during(cluster.at(first).locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    yield* cluster.network.hold(first, asked!)
    const acquire = yield* Effect.forkChild(
      Effect.flip(cluster.at(asked!).locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    )
    // The leader and the third node have the request, and it is refused; the one that was asked does not know it.
    yield* pass(100)
    yield* cluster.network.delay(asked!, next!, "20 millis")
    yield* cluster.crash(first)
    assert.strictEqual(yield* cluster.elect, next)
    const release = yield* Effect.forkChild(cluster.at(next!).locks.release("door", held))
    yield* pass(500)
    yield* Fiber.join(release)
    assert.strictEqual((yield* Fiber.join(acquire))._tag, "LockHeld")
    assert.deepStrictEqual(yield* holdersOf(cluster, "door"), [])
  })
})
