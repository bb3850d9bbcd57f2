/**
 * A leader lets another node lead: at once, without losing what was acknowledged, and with no lease cut short.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

describe("a leader that is asked to hand over", () => {
  clusterTest("does so to the node named, within milliseconds, whoever is asked", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [target, asked] = cluster.others(leader)
    const { term } = yield* cluster.at(leader).node.status
    const moving = yield* Effect.forkChild(cluster.at(asked!).node.administer({ _tag: "Transfer", to: target! }))
    yield* pass(20)
    assert.strictEqual(yield* cluster.leader, target)
    const outcome = yield* during(Fiber.join(moving))
    assert.deepStrictEqual(outcome, { _tag: "Done", leaderId: target!, term: (term + 1) as typeof term })
  })

  clusterTest("answers what was asked meanwhile, once, with the next leader's help", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const asked = cluster.ids.map((id, at) => cluster.at(id).locks.acquire(`lock ${at}`, wanted))
    const { node } = cluster.at(leader)
    const moving = yield* Effect.forkChild(node.administer({ _tag: "Transfer", to: null }), { startImmediately: true })
    const grants = yield* during(Effect.all(asked, { concurrency: "unbounded" }), 1000)
    assert.strictEqual((yield* Fiber.join(moving))._tag, "Done")
    assert.notStrictEqual(yield* cluster.leader, leader)
    assert.strictEqual(new Set(grants.map(({ token }) => token)).size, 3)
  })

  clusterTest("goes on when the other cannot take over, and takes writes again", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [target] = cluster.others(leader)
    cluster.disk(target!).trouble("full")
    const { node, locks } = cluster.at(leader)
    const held = yield* Effect.forkChild(locks.acquire("door", wanted), { startImmediately: true })
    yield* pass(20)
    const outcome = yield* during(node.administer({ _tag: "Transfer", to: target! }))
    assert.deepStrictEqual(outcome, { _tag: "Refused", reason: "unreachable" })
    assert.isAbove((yield* during(Fiber.join(held))).token, 0)
    assert.isAbove((yield* during(locks.acquire("another", wanted))).token, 0)
  })

  clusterTest("refuses a stranger, and itself has nothing to do", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const { node } = cluster.at(leader)
    const { term } = yield* node.status
    assert.deepStrictEqual(yield* during(node.administer({ _tag: "Transfer", to: "nobody" as typeof leader })), {
      _tag: "Refused",
      reason: "no-such-member"
    })
    assert.deepStrictEqual(yield* during(node.administer({ _tag: "Transfer", to: leader })), {
      _tag: "Done",
      leaderId: leader,
      term
    })
  })

  clusterTest("cuts no lease short, ten times over, and adds a tick each time at most", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    yield* during(cluster.at(first).locks.acquire("door", { ...wanted, ttlMs: 10_000 }))
    const waiter = yield* Effect.forkChild(
      Effect.retry(cluster.at(first).locks.acquire("door", { ...wanted, ttlMs: 60_000, waitMs: 60_000 }), { times: 20 })
    )
    for (let moved = 0; moved < 10; moved++) {
      const { node } = cluster.at(yield* cluster.elect)
      yield* during(node.administer({ _tag: "Transfer", to: null }))
      yield* pass(500)
    }
    yield* pass(2_000)
    assert.isUndefined(waiter.pollUnsafe())
    yield* TestClock.adjust(3_000 + 10 * 250 + 1_000)
    assert.isAbove((yield* Fiber.join(waiter)).token, 0)
  })
})

describe("a leader that stops", () => {
  clusterTest("hands over first, and is alone with nobody to hand over to for a second at most", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    yield* during(cluster.at(leader).node.handOver, 500)
    const next = yield* cluster.leader
    assert.notStrictEqual(next, leader)
    for (const other of cluster.others(next!)) yield* cluster.crash(other)
    yield* during(cluster.at(next!).node.handOver, 1_100)
  })
})
