/**
 * A whole cluster of three loses its leader: locks, tokens, waiters and requests under way live on.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

describe("when the leader dies", () => {
  clusterTest("another is elected at once, and the lock is still held with the same token", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const grant = yield* during(cluster.at(first).locks.acquire("door", wanted))
    yield* cluster.crash(first)
    // Far less than an election timeout: the lost connection is enough of a sign (lostLeaderMillisMax).
    yield* pass(50)
    const second = yield* cluster.leader
    assert.isNotNull(second)
    assert.notStrictEqual(second, first)
    const view = yield* during(cluster.at(second!).locks.get("door", "linearizable"))
    assert.deepStrictEqual(view.holders.map(({ token }) => token), [grant.token])
  })

  clusterTest("a waiter keeps its place and is granted after the holder's TTL and not before", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const [asked] = cluster.others(first)
    const held = yield* during(cluster.at(first).locks.acquire("door", wanted))
    const waiter = yield* Effect.forkChild(
      cluster.at(asked!).locks.acquire("door", { ...wanted, ttlMs: 60_000, waitMs: 60_000 })
    )
    yield* TestClock.adjust(100)
    yield* cluster.crash(first)
    // The holder never renews. Its TTL began a little more than 100 ms ago; the clock stood still while nobody led.
    yield* TestClock.adjust(4800)
    assert.isUndefined(waiter.pollUnsafe())
    yield* TestClock.adjust(1000)
    const granted = yield* Fiber.join(waiter)
    assert.isAbove(granted.token, held.token)
  })

  clusterTest("a request that a follower had passed on is done once", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const [asked, other] = cluster.others(first)
    yield* cluster.network.hold(first, asked!)
    yield* cluster.network.hold(first, other!)
    const acquire = yield* Effect.forkChild(cluster.at(asked!).locks.acquire("door", wanted))
    yield* TestClock.adjust(20)
    yield* cluster.crash(first)
    const grant = yield* during(Fiber.join(acquire))
    const second = yield* cluster.elect
    const view = yield* during(cluster.at(second).locks.get("door", "linearizable"))
    assert.deepStrictEqual(view.holders.map(({ token }) => token), [grant.token])
    assert.strictEqual(view.queueLength, 0)
  })

  clusterTest("a request that the old leader had goes to the new one without waiting for a heartbeat", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const [, asked] = cluster.others(first)
    yield* cluster.network.hold(asked!, first)
    const acquire = yield* Effect.forkChild(cluster.at(asked!).locks.acquire("door", wanted))
    yield* pass(20)
    yield* cluster.crash(first)
    while ((yield* cluster.leader) === null) yield* pass(1)
    assert.notStrictEqual(yield* cluster.leader, asked)
    yield* pass(10)
    assert.isDefined(acquire.pollUnsafe(), "the acquire is answered")
  })

  clusterTest("all three may stop: locks and tokens are there when they are back", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const grant = yield* during(cluster.at(first).locks.acquire("door", wanted))
    for (const id of cluster.ids) yield* cluster.crash(id)
    yield* TestClock.adjust(3_600_000)
    for (const id of cluster.ids) yield* cluster.start(id)
    const leader = yield* cluster.elect
    const view = yield* during(cluster.at(leader).locks.get("door", "linearizable"))
    assert.deepStrictEqual(view.holders.map(({ token }) => token), [grant.token])
    const next = yield* during(cluster.at(leader).locks.acquire("gate", wanted))
    assert.strictEqual(next.token, grant.token + 1)
  })
})

describe("when a leader is cut off", () => {
  clusterTest("it steps down within two election timeouts and answers nothing meanwhile", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    yield* during(cluster.at(first).locks.acquire("door", wanted))
    yield* cluster.network.isolate(first, { silent: true })
    const read = yield* Effect.forkChild(Effect.flip(cluster.at(first).locks.get("door", "linearizable")))
    const write = yield* Effect.forkChild(Effect.flip(cluster.at(first).locks.acquire("gate", wanted)))
    yield* TestClock.adjust(600)
    assert.strictEqual((yield* cluster.at(first).node.status).leaderId, null)
    assert.isUndefined(read.pollUnsafe())
    yield* TestClock.adjust(2200)
    assert.strictEqual((yield* Fiber.join(read))._tag, "NoLeader")
    // The command stands in the log of a leader that was: it may still be done.
    assert.strictEqual((yield* Fiber.join(write))._tag, "OutcomeUnknown")
  })

  clusterTest("the others elect, and it follows them when it is back without disturbing them", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    const others = cluster.others(first)
    yield* cluster.network.isolate(first, { silent: true })
    yield* TestClock.adjust(5000)
    const second = yield* cluster.leader
    const { term } = yield* cluster.at(second!).node.status
    for (const other of others) yield* cluster.network.repair(first, other)
    yield* TestClock.adjust(2000)
    const back = yield* cluster.at(first).node.status
    assert.deepStrictEqual([back.role, back.leaderId, back.term], ["Follower", second, term])
  })

  clusterTest("a follower that hears nobody for long has not raised its term", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [lonely] = cluster.others(leader)
    const before = (yield* cluster.at(lonely!).node.status).term
    yield* cluster.network.isolate(lonely!)
    yield* TestClock.adjust(20_000)
    assert.strictEqual((yield* cluster.at(lonely!).node.status).term, before)
  })
})
