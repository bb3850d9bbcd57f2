/**
 * A cluster that was made from a backup, and backups of a cluster: what they have in them, and how long is waited.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { createHash as createHashOf } from "node:crypto"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import { acquire } from "../lock/support/commands.ts"
import { Story } from "../lock/support/Story.ts"
import { clusterTest, type Damage, during, makeCluster, pass, wanted } from "./Cluster.ts"

const createHash = () => createHashOf("sha256")

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

describe("A snapshot that is damaged on the disk of a node that runs", () => {
  const small = { snapshots: { entries: 20, bytesMin: 1024 * 1024, retainedEntries: 5 } }
  const namesOf = (cluster: Cluster, id: Cluster["ids"][number]) =>
    cluster.disk(id).snapshotNames().map((name) => name.replace(/^\d+-[0-9a-f]+/, "").replace(/^[0-9a-f]+/, ""))

  /** A leader that has compacted what the one that is away needs, when nobody asks for anything any more. */
  const makeCompacted = Effect.gen(function*() {
    const cluster = yield* makeCluster(3, () => ourVersions, small)
    const leader = yield* cluster.elect
    const away = cluster.others(leader)[0]!
    yield* cluster.crash(away)
    const { locks } = cluster.at(leader)
    for (let cycle = 0; cycle < 60; cycle++) {
      const { session, token } = yield* during(locks.acquire("worked on", { ...wanted, ttlMs: 1000 }))
      yield* during(locks.release("worked on", { session, token }))
    }
    yield* TestClock.adjust(3000)
    return { cluster, leader, away }
  })
  type Cluster = Effect.Success<typeof makeCompacted>["cluster"]

  const afterDamage = (damage: Damage) =>
    clusterTest(`is taken anew for a follower that needs it, be it a ${damage} of it`, function*() {
      const { away, cluster, leader } = yield* makeCompacted
      cluster.disk(leader).damageSnapshot(damage)
      yield* cluster.start(away)
      yield* pass(5000)
      const { lastApplied } = yield* cluster.at(away).node.status
      assert.strictEqual(lastApplied, (yield* cluster.at(leader).node.status).commitIndex)
      assert.sameMembers(namesOf(cluster, leader), [".snapshot.damaged", ".snapshot"])
      // What it starts from the next time is whole.
      yield* cluster.crash(leader)
      yield* cluster.start(leader)
      assert.isAbove((yield* cluster.at(leader).node.status).snapshotIndex, 0)
    }, 60_000)
  for (const damage of ["bit", "end"] as const) afterDamage(damage)

  clusterTest("is taken anew for a backup", function*() {
    const { cluster, leader } = yield* makeCompacted
    const { node } = cluster.at(leader)
    const before = yield* during(node.takeSnapshot)
    assert.deepStrictEqual(yield* during(node.takeSnapshot), before)
    cluster.disk(leader).damageSnapshot("bit")
    const after = yield* during(Effect.all([node.takeSnapshot, node.takeSnapshot], { concurrency: 2 }))
    // It is the same state, and so the same bytes that were written first.
    assert.deepStrictEqual(after, [before, before])
    const bytes = yield* Stream.runFold(node.readSnapshot(before), createHash, (hash, chunk) => hash.update(chunk))
    assert.strictEqual(bytes.digest("hex"), before.checksum)
    assert.sameMembers(namesOf(cluster, leader), [".snapshot.damaged", ".snapshot"])
  })
})
