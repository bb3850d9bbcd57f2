/**
 * What readers see: an expiry is decided by the log and not by the reader, and however many are due, no
 * reader waits for more than one entry.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

describe("a read while sessions expire", () => {
  clusterTest("waits for one entry, also when another session expires in each millisecond", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const { locks } = cluster.at(leader)
    const opens = Array.from({ length: 400 }, (_, at) => locks.openSession({ ttlMs: 2000 + at, label: "" }))
    yield* during(Effect.all(opens, { concurrency: "unbounded" }))
    for (const other of cluster.others(leader)) yield* cluster.network.delay(leader, other, "5 millis")
    yield* TestClock.adjust(2050)
    const read = yield* Effect.forkChild(locks.get("door", "linearizable"), { startImmediately: true })
    yield* pass(60)
    assert.isDefined(read.pollUnsafe(), "is answered while sessions still expire")
    yield* Fiber.join(read)
    const { sessions } = yield* during(locks.sessions({ limit: 1000, consistency: "stale" }))
    assert.isAbove(sessions.length, 0)
  })

  clusterTest("shows nothing that is past its deadline", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const { locks } = cluster.at(leader)
    yield* during(locks.acquire("door", { ...wanted, ttlMs: 1000 }))
    for (const other of cluster.others(leader)) yield* cluster.network.delay(leader, other, "5 millis")
    yield* TestClock.adjust(990)
    let holders = 1
    for (let step = 0; step < 20 && holders > 0; step++) {
      const view = yield* during(locks.get("door", "linearizable"))
      holders = view.holders.length
      for (const { expiresInMs } of view.holders) assert.isAbove(expiresInMs, 0)
    }
    assert.strictEqual(holders, 0)
  })
})

describe("the status of a node", () => {
  clusterTest("never shows more applied than committed, not even to who has just been answered", function*() {
    const cluster = yield* makeCluster(3)
    const { locks, node } = cluster.at(yield* cluster.elect)
    const { commitIndex, lastApplied } = yield* during(Effect.andThen(locks.acquire("door", wanted), node.status))
    assert.isAtMost(lastApplied, commitIndex)
  })
})
