/**
 * The client library while nodes die, fall silent or lose answers, while clocks jump, and while callers give up: what
 * it holds, it holds alone, and what it gives up leaves nothing behind.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import type { LockClient } from "../../src/client/LockClient.ts"
import { clusterTest, during } from "../cluster/Cluster.ts"
import { makeClientCluster } from "./ClientCluster.ts"

type Client = LockClient["Service"]

/** Time passes in steps that are short against every lease here. */
const pass = (millis: number) => Effect.replicateEffect(TestClock.adjust(10), millis / 10, { discard: true })

const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

const tag = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => error._tag)

/** Acquires and releases, and the fencing token that was had. */
const once = (client: Client, name: string) => Effect.scoped(Effect.flatMap(client.acquire(name), ({ token }) => token))

describe("A client whose node", () => {
  clusterTest("dies keeps its locks, and goes on with the next leader", function*() {
    const { client, cluster, crash, linkedTo } = yield* makeClientCluster()
    const one = yield* client({ ttl: "5 seconds" })
    const lock = yield* during(one.acquire("a"))
    const leader = yield* cluster.leader
    assert.deepStrictEqual(linkedTo(), [leader])
    const waiting = yield* fork(once(yield* client(), "a"))
    yield* pass(100)
    yield* crash(leader!)
    yield* pass(12_000)
    yield* lock.assertHeld
    assert.isUndefined(waiting.pollUnsafe())
    assert.deepStrictEqual([...new Set(linkedTo())], [yield* cluster.leader])
    const token = yield* lock.token
    yield* during(lock.release)
    assert.isAbove(yield* during(Fiber.join(waiting)), token)
  })

  clusterTest("takes connections and says nothing is left for another", function*() {
    const { client, cluster, faults, linkedTo } = yield* makeClientCluster()
    const leader = yield* cluster.leader
    faults.silent.add(leader!)
    const one = yield* client()
    yield* during(once(one, "a"), 1000)
    const lock = yield* during(one.acquire("b"))
    const [follower] = linkedTo()
    assert.notStrictEqual(follower, leader)
    faults.silent.clear()
    faults.silent.add(follower!)
    const asking = yield* fork(once(one, "c"))
    yield* pass(2500)
    assert.isUndefined(asking.pollUnsafe())
    yield* pass(1000)
    yield* during(Fiber.join(asking))
    yield* lock.assertHeld
  })

  clusterTest("falls silent keeps its locks, also those of a short TTL", function*() {
    const { client, faults, linkedTo } = yield* makeClientCluster()
    const one = yield* client({ ttl: "2 seconds" })
    const lock = yield* during(one.acquire("a"))
    yield* pass(100)
    for (const id of linkedTo()) faults.silent.add(id)
    yield* pass(3000)
    yield* lock.assertHeld
  })

  clusterTest("does what it is asked and is not heard is asked again, and grants once", function*() {
    const { client, cluster, faults } = yield* makeClientCluster()
    const one = yield* client()
    const before = yield* during(once(one, "a"))
    const leader = (yield* cluster.leader)!
    faults.unheard.add(leader)
    const asking = yield* fork(one.acquire("a"))
    yield* pass(500)
    const granted = yield* during(cluster.at(leader).locks.get("a", "linearizable"))
    assert.strictEqual(granted.lastToken, before + 1)
    const lock = yield* during(Fiber.join(asking))
    assert.strictEqual(yield* lock.token, before + 1)
    yield* during(lock.release)
    assert.lengthOf((yield* during(cluster.at(leader).locks.get("a", "linearizable"))).holders, 0)
  })
})

describe("A client without any node", () => {
  clusterTest("is told so at its deadline, and not before", function*() {
    const { client, cluster, faults } = yield* makeClientCluster()
    for (const id of cluster.ids) faults.refusing.add(id)
    const one = yield* client()
    const waiting = yield* fork(tag(Effect.scoped(one.acquire("a", { wait: "4 seconds" }))))
    const trying = yield* fork(tag(Effect.scoped(one.tryAcquire("a"))))
    const looking = yield* fork(tag(one.get("a")))
    yield* pass(3900)
    assert.isUndefined(waiting.pollUnsafe())
    yield* pass(200)
    assert.strictEqual(yield* Fiber.join(waiting), "Unavailable")
    yield* pass(5800)
    assert.isUndefined(trying.pollUnsafe())
    yield* pass(200)
    assert.strictEqual(yield* Fiber.join(trying), "Unavailable")
    assert.strictEqual(yield* Fiber.join(looking), "Unavailable")
    faults.refusing.clear()
    yield* during(once(one, "a"))
  })

  clusterTest("gives up what it had asked for when a node answers again", function*() {
    const { client, cluster, faults } = yield* makeClientCluster()
    const [one, two] = [yield* client(), yield* client()]
    const lock = yield* during(one.acquire("a"))
    const waiting = yield* fork(tag(Effect.scoped(two.acquire("a", { wait: "2 seconds" }))))
    yield* pass(100)
    for (const id of cluster.ids) faults.silent.add(id)
    yield* pass(3100)
    assert.strictEqual(yield* Fiber.join(waiting), "Unavailable")
    faults.silent.clear()
    yield* pass(9000)
    yield* during(lock.release)
    const seen = yield* during(two.get("a"))
    assert.deepStrictEqual([seen.holders.length, seen.queueLength], [0, 0])
  })
})

describe("A lock that is lost", () => {
  clusterTest("is lost at its first use after the machine slept, whatever timers say", function*() {
    const { client, faults } = yield* makeClientCluster()
    const one = yield* client({ ttl: "5 seconds" })
    const lock = yield* during(one.acquire("a"))
    const { signal } = lock
    faults.asleepMillis += 3000
    yield* lock.assertHeld
    assert.isFalse(signal.aborted)
    faults.asleepMillis += 3000
    assert.isTrue(signal.aborted)
    assert.strictEqual(yield* tag(lock.token), "LockLost")
    assert.strictEqual(yield* lock.state, "lost")
    yield* during(lock.release)
    yield* lock.release
    yield* during(once(one, "b"))
  })

  clusterTest("interrupts its work soon after the machine slept, however far off timers are", function*() {
    const { client, faults } = yield* makeClientCluster()
    const one = yield* client({ ttl: "1 minute" })
    const two = yield* client({ ttl: "1 hour" })
    const ended: Array<string> = []
    const work = (name: string) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void ended.push(name)))
    yield* fork(one.withLock("a")(work("ttl")))
    yield* fork(two.withLock("b", { maxHold: "10 minutes" })(work("hold")))
    yield* pass(1000)
    for (const millis of [45_000, 45_000, 52_000]) {
      faults.asleepMillis += millis
      yield* pass(600)
    }
    assert.deepStrictEqual(ended, [])
    faults.asleepMillis += 55_000
    yield* pass(300)
    assert.deepStrictEqual(ended, ["ttl"])
    faults.asleepMillis += 345_000
    yield* pass(300)
    assert.deepStrictEqual(ended, ["ttl", "hold"])
  })

  clusterTest("is in jeopardy before, and held again if a node answers in time", function*() {
    const { client, cluster, endLinks, faults } = yield* makeClientCluster()
    const one = yield* client({ ttl: "9 seconds" })
    const lock = yield* during(one.acquire("a"))
    yield* pass(3000)
    for (const id of cluster.ids) faults.unheard.add(id)
    yield* pass(5900)
    assert.strictEqual(yield* lock.state, "held")
    yield* pass(500)
    assert.strictEqual(yield* lock.state, "jeopardy")
    assert.isFalse(lock.signal.aborted)
    faults.unheard.clear()
    for (const id of cluster.ids) yield* endLinks(id)
    yield* pass(500)
    assert.strictEqual(yield* lock.state, "held")
  })

  clusterTest("because its session has ended interrupts the work and is told to it", function*() {
    const { client, cluster, faults } = yield* makeClientCluster()
    const one = yield* client({ ttl: "6 seconds" })
    const working = yield* fork(Effect.flip(one.withLock("a")(Effect.never)))
    yield* pass(100)
    const [session] = faults.sessions
    yield* during(cluster.at((yield* cluster.leader)!).locks.endSession(session!))
    assert.isUndefined(working.pollUnsafe())
    yield* pass(2200)
    const lost = yield* Fiber.join(working)
    assert.strictEqual(lost._tag === "LockLost" && lost.reason, "session-ended")
    yield* during(once(one, "a"))
  })

  clusterTest("because of its maxHold is lost at nine tenths of that, counted from the grant", function*() {
    const { client } = yield* makeClientCluster()
    const [one, two] = [yield* client(), yield* client()]
    const first = yield* during(one.acquire("a"))
    const waiting = yield* fork(two.acquire("a", { maxHold: "10 seconds" }))
    yield* pass(8000)
    yield* during(first.release)
    const lock = yield* during(Fiber.join(waiting))
    yield* pass(8800)
    assert.isFalse(lock.signal.aborted)
    yield* pass(300)
    assert.strictEqual(lock.signal.reason?.reason, "max-hold")
    yield* during(once(one, "a"))
  })
})

describe("A caller that gives up", () => {
  clusterTest("leaves the queue, and takes no place with it", function*() {
    const { client } = yield* makeClientCluster()
    const one = yield* client()
    const lock = yield* during(one.acquire("a"))
    const [first, second] = [yield* fork(once(one, "a")), yield* fork(once(one, "a"))]
    yield* pass(100)
    assert.strictEqual((yield* during(one.get("a"))).queueLength, 2)
    yield* Fiber.interrupt(first)
    yield* pass(100)
    assert.strictEqual((yield* during(one.get("a"))).queueLength, 1)
    yield* during(lock.release)
    yield* during(Fiber.join(second))
  })

  clusterTest("holds nothing when the grant was on its way", function*() {
    const { client, cluster, faults } = yield* makeClientCluster()
    const one = yield* client()
    yield* during(once(one, "a"))
    const leader = (yield* cluster.leader)!
    faults.unheard.add(leader)
    const asking = yield* fork(one.acquire("a"))
    yield* pass(200)
    assert.lengthOf((yield* during(cluster.at(leader).locks.get("a", "linearizable"))).holders, 1)
    yield* Fiber.interrupt(asking)
    faults.unheard.clear()
    yield* pass(5000)
    assert.lengthOf((yield* during(one.get("a"))).holders, 0)
  })

  clusterTest("closes its scope and gives its sessions back", function*() {
    const { client, cluster } = yield* makeClientCluster()
    const scope = yield* Scope.make()
    const one = yield* client().pipe(Scope.provide(scope))
    yield* during(one.acquire("a"))
    const waiting = yield* fork(tag(Effect.scoped(one.acquire("a"))))
    yield* pass(100)
    yield* during(Scope.close(scope, Exit.void))
    assert.strictEqual(yield* Fiber.join(waiting), "Unavailable")
    const { locks } = cluster.at((yield* cluster.leader)!)
    const { sessions } = yield* during(locks.sessions({ limit: 10, consistency: "linearizable" }))
    assert.lengthOf(sessions, 0)
  })
})
