/**
 * A cluster that was made from a backup, and backups of a cluster: what they have in them, and how long is waited.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { acquire } from "../lock/support/commands.ts"
import { Story } from "../lock/support/Story.ts"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

describe("A cluster that was made from a backup", () => {
  const tableOf = () => {
    const story = new Story({ ann: 10_000 })
    story.at(1_000, acquire("a", "ann"))
    story.table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false })
    return story.table
  }

  clusterTest("waits for the longest TTL once, however often it is started, though nobody asks", function*() {
    const cluster = yield* makeCluster(1)
    const node = cluster.ids[0]!
    yield* cluster.crash(node)
    yield* cluster.disk(node).restored(tableOf())
    for (let life = 0; life < 4; life++) {
      yield* cluster.start(node)
      yield* cluster.elect
      yield* TestClock.adjust(2500)
      yield* cluster.crash(node)
    }
    yield* cluster.start(node)
    yield* cluster.elect
    // No life has lost more than a tick.
    yield* TestClock.adjust(4 * 250)
    const { lastLogIndex } = yield* cluster.at(node).node.status
    yield* TestClock.adjust(3000)
    assert.strictEqual((yield* cluster.at(node).node.status).lastLogIndex, lastLogIndex, "time goes on for nobody")
    const { token } = yield* during(cluster.at(node).locks.acquire("a", wanted))
    assert.strictEqual(token, 2 ** 40 + 1)
  })
})

describe("A backup", () => {
  clusterTest("has all that was acknowledged before it was asked for, also while a snapshot is taken", function*() {
    const cluster = yield* makeCluster(1)
    const leader = yield* cluster.elect
    const { locks, node } = cluster.at(leader)
    yield* during(locks.acquire("first", { ...wanted, ttlMs: 60_000 }))
    cluster.disk(leader).slow(100)
    const indexOf = Effect.map(node.takeSnapshot, ({ snapshot }) => snapshot.index)
    const begun = yield* Effect.forkChild(indexOf, { startImmediately: true })
    yield* TestClock.adjust(20)
    const shared = yield* Effect.forkChild(indexOf, { startImmediately: true })
    yield* during(locks.acquire("second", { ...wanted, ttlMs: 60_000 }))
    const { lastApplied } = yield* node.status
    const [one, other] = yield* during(Effect.all([indexOf, indexOf], { concurrency: 2 }))
    assert.isAtLeast(one, lastApplied)
    assert.strictEqual(other, one)
    assert.isBelow(yield* Fiber.join(begun), lastApplied)
    assert.strictEqual(yield* Fiber.join(shared), yield* Fiber.join(begun))
  })
})
