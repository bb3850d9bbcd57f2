/**
 * Time as clients see it: leases, waits and lock-delays run in full and end within the next
 * millisecond, by the clock of the log and no other.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

/** A cluster with its leader, where everything asked of the leader is answered within the same millisecond. */
const led = Effect.gen(function*() {
  const cluster = yield* makeCluster(3)
  return cluster.at(yield* cluster.elect).locks
})

/** Asks for something that needs no time, and moves the clock by none. */
const atOnce = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
  // One adjustment lets a chain of fibers run until it rests; a message to a peer and back is several chains.
  for (let chain = 0; chain < 20 && !fiber.pollUnsafe(); chain++) yield* TestClock.adjust(0)
  assert.isDefined(fiber.pollUnsafe(), "is answered without time passing")
  return yield* Fiber.join(fiber)
})

describe("a lease", () => {
  clusterTest("ends within a millisecond after its TTL", function*() {
    const locks = yield* led
    yield* atOnce(locks.acquire("door", wanted))
    yield* TestClock.adjust(5000)
    assert.lengthOf((yield* atOnce(locks.get("door", "linearizable"))).holders, 1)
    yield* TestClock.adjust(1)
    assert.lengthOf((yield* atOnce(locks.get("door", "linearizable"))).holders, 0)
  })

  clusterTest("has run in full before another is granted, wherever between two milliseconds it began", function*() {
    const locks = yield* led
    // Parts that a float can have, or the test's clock would never quite come to where its sleepers wait for it.
    yield* TestClock.adjust(0.875)
    yield* atOnce(locks.acquire("door", wanted))
    for (const passes of [4999.125, 0.75]) {
      yield* TestClock.adjust(passes)
      const refused = yield* atOnce(Effect.flip(locks.acquire("door", wanted)))
      assert.strictEqual(refused._tag, "LockHeld")
    }
    yield* TestClock.adjust(1.125)
    yield* atOnce(locks.acquire("door", wanted))
  })

  clusterTest("begins anew with each renewal", function*() {
    const locks = yield* led
    const { session } = yield* atOnce(locks.openSession({ ttlMs: 5000, label: "" }))
    yield* atOnce(locks.acquire("door", { ...wanted, session }))
    yield* TestClock.adjust(4999)
    assert.deepStrictEqual(yield* atOnce(locks.renewSession(session)), { ttlMs: 5000, expiresInMs: 5000 })
    yield* TestClock.adjust(5000)
    assert.lengthOf((yield* atOnce(locks.get("door", "linearizable"))).holders, 1)
    yield* TestClock.adjust(1)
    assert.strictEqual((yield* atOnce(Effect.flip(locks.renewSession(session))))._tag, "SessionExpired")
  })

  clusterTest("is renewed in time, however many are renewed at once, at the cost of few entries", function*() {
    const cluster = yield* makeCluster(3)
    const { locks, node } = cluster.at(yield* cluster.elect)
    const open = locks.openSession({ ttlMs: 5000, label: "" })
    const opened = yield* during(Effect.replicateEffect(open, 100, { concurrency: "unbounded" }))
    const { lastApplied } = yield* node.status
    const renewals = opened.map(({ session }, at) => Effect.delay(locks.renewSession(session), at))
    const renewed = yield* during(Effect.all(renewals, { concurrency: "unbounded" }))
    assert.deepStrictEqual(renewed.map(({ expiresInMs }) => expiresInMs), opened.map(() => 5000))
    assert.isAtMost((yield* node.status).lastApplied - lastApplied, 25)
  })

  clusterTest("goes to the waiter at its end, and not before", function*() {
    const locks = yield* led
    yield* atOnce(locks.acquire("door", wanted))
    const waiter = yield* Effect.forkChild(locks.acquire("door", { ...wanted, waitMs: 60_000 }))
    yield* TestClock.adjust(5000)
    assert.isUndefined(waiter.pollUnsafe())
    yield* TestClock.adjust(1)
    const granted = yield* atOnce(Fiber.join(waiter))
    // A session that the node has made begins its TTL at the grant.
    assert.strictEqual(granted.expiresInMs, 5000)
  })

  clusterTest("is kept back for its lock-delay after it expired", function*() {
    const locks = yield* led
    yield* atOnce(locks.acquire("door", { ...wanted, lockDelayMs: 2000 }))
    yield* TestClock.adjust(5001)
    // Its lock-delay begins with the entry that ends it.
    yield* TestClock.adjust(2000)
    const refused = yield* atOnce(Effect.flip(locks.acquire("door", wanted)))
    assert.strictEqual(refused._tag, "LockHeld")
    yield* TestClock.adjust(1)
    yield* atOnce(locks.acquire("door", wanted))
  })

  clusterTest("ends with maxHoldMs however often it is renewed, and the session lives on", function*() {
    const locks = yield* led
    const { session } = yield* atOnce(locks.openSession({ ttlMs: 5000, label: "" }))
    yield* atOnce(locks.acquire("door", { ...wanted, session, maxHoldMs: 6000 }))
    yield* TestClock.adjust(4000)
    yield* atOnce(locks.renewSession(session))
    yield* TestClock.adjust(2000)
    assert.lengthOf((yield* atOnce(locks.get("door", "linearizable"))).holders, 1)
    yield* TestClock.adjust(1)
    assert.lengthOf((yield* atOnce(locks.get("door", "linearizable"))).holders, 0)
    yield* atOnce(locks.renewSession(session))
  })
})

describe("a wait", () => {
  clusterTest("ends within a millisecond after waitMs", function*() {
    const locks = yield* led
    yield* atOnce(locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    const waiter = yield* Effect.forkChild(Effect.flip(locks.acquire("door", { ...wanted, waitMs: 3000 })))
    yield* TestClock.adjust(3000)
    assert.isUndefined(waiter.pollUnsafe())
    yield* TestClock.adjust(1)
    assert.strictEqual((yield* atOnce(Fiber.join(waiter)))._tag, "WaitTimeout")
    assert.strictEqual((yield* atOnce(locks.get("door", "linearizable"))).queueLength, 0)
  })

  clusterTest("outlives the TTL of the session that the node has made for it", function*() {
    const locks = yield* led
    yield* atOnce(locks.acquire("door", { ...wanted, ttlMs: 10_000 }))
    const waiter = yield* Effect.forkChild(locks.acquire("door", { ...wanted, ttlMs: 1000, waitMs: 3_600_000 }))
    yield* TestClock.adjust(9000)
    assert.strictEqual((yield* atOnce(locks.get("door", "linearizable"))).queueLength, 1)
    yield* TestClock.adjust(1001)
    yield* atOnce(Fiber.join(waiter))
  })

  clusterTest("is withdrawn when its caller hangs up, together with the session made for it", function*() {
    const locks = yield* led
    yield* atOnce(locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    const waiter = yield* Effect.forkChild(locks.acquire("door", { ...wanted, waitMs: 3_600_000 }))
    yield* TestClock.adjust(100)
    assert.strictEqual((yield* atOnce(locks.get("door", "linearizable"))).queueLength, 1)
    yield* Fiber.interrupt(waiter)
    yield* TestClock.adjust(0)
    assert.strictEqual((yield* atOnce(locks.get("door", "linearizable"))).queueLength, 0)
    const page = yield* atOnce(locks.sessions({ limit: 10, consistency: "linearizable" }))
    assert.lengthOf(page.sessions, 1)
  })
})

describe("without a leader", () => {
  clusterTest("leases stand still, and no longer than that", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [one, two] = cluster.others(leader)
    yield* during(cluster.at(leader).locks.acquire("door", wanted))
    yield* cluster.crash(one!)
    yield* cluster.crash(two!)
    yield* TestClock.adjust(20_000)
    yield* cluster.start(one!)
    const next = yield* cluster.elect
    const { expiresInMs } = (yield* during(cluster.at(next).locks.get("door", "linearizable"))).holders[0]!
    // Elections lose at most a tick each; the time that the old leader led on counts.
    assert.isAbove(expiresInMs, 3000)
    yield* TestClock.adjust(expiresInMs + 1)
    assert.lengthOf((yield* during(cluster.at(next).locks.get("door", "linearizable"))).holders, 0)
  })

  clusterTest("a request that surely did nothing is refused after leaderWaitMillis and not before", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [one, two] = cluster.others(leader)
    yield* cluster.crash(leader)
    yield* cluster.crash(one!)
    yield* TestClock.adjust(5000)
    const request = yield* Effect.forkChild(Effect.flip(cluster.at(two!).locks.acquire("door", wanted)))
    yield* TestClock.adjust(1990)
    assert.isUndefined(request.pollUnsafe())
    yield* TestClock.adjust(120)
    assert.strictEqual((yield* Fiber.join(request))._tag, "NoLeader")
  })
})
