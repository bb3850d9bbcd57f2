/**
 * A cluster whose logs do not grow for ever: what was compacted away is still so, for a node that
 * starts, for one that was away for long, and for every lease.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import type { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

const small = { snapshots: { entries: 20, bytesMin: 1024 * 1024, retainedEntries: 5 } }

const makeSmall = (size: number) => makeCluster(size, () => ourVersions, small)

type Cluster = Effect.Success<ReturnType<typeof makeSmall>>

/** Takes and gives back so many locks, each an entry or two of the log. */
const work = Effect.fnUntraced(function*(cluster: Cluster, asked: NodeId, cycles: number) {
  const { locks } = cluster.at(asked)
  for (let cycle = 0; cycle < cycles; cycle++) {
    const { session, token } = yield* during(locks.acquire("worked on", wanted))
    yield* during(locks.release("worked on", { session, token }))
  }
})

const tokensOn = (cluster: Cluster, asked: NodeId, name: string) =>
  Effect.map(
    during(cluster.at(asked).locks.get(name, "linearizable")),
    ({ holders }) => holders.map(({ token }) => token)
  )

const staleTokensOn = (cluster: Cluster, asked: NodeId, name: string) =>
  Effect.map(during(cluster.at(asked).locks.get(name, "stale")), ({ holders }) => holders.map(({ token }) => token))

const snapshotIndexOf = (cluster: Cluster, id: NodeId) =>
  Effect.map(cluster.at(id).node.status, ({ snapshotIndex }) => snapshotIndex)

/** With what is committed now, a heartbeat later. */
const assertHasCaughtUp = Effect.fnUntraced(function*(cluster: Cluster, follower: NodeId, leader: NodeId) {
  const { commitIndex } = yield* cluster.at(leader).node.status
  yield* TestClock.adjust(100)
  assert.isAtLeast((yield* cluster.at(follower).node.status).lastApplied, commitIndex)
})

describe("a log that grows", () => {
  clusterTest("becomes a snapshot, and a cluster that starts from it goes on where it was", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    yield* work(cluster, leader, 40)
    yield* TestClock.adjust(100)
    for (const id of cluster.ids) {
      const { entries, start } = cluster.disk(id).stored()
      assert.isAbove(start.index, 0)
      assert.isBelow(entries.length, 60)
      assert.isAtLeast(yield* snapshotIndexOf(cluster, id), start.index)
    }
    for (const id of cluster.ids) yield* cluster.crash(id)
    for (const id of cluster.ids) yield* cluster.start(id)
    const next = yield* cluster.elect
    assert.deepStrictEqual(yield* tokensOn(cluster, next, "kept"), [held.token])
    const later = yield* during(cluster.at(next).locks.acquire("later", wanted))
    assert.isAbove(later.token, held.token + 40)
  })

  clusterTest("is kept for a follower that is a little behind, which gets entries and no snapshot", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const [away] = cluster.others(leader)
    yield* work(cluster, leader, 15)
    const before = yield* snapshotIndexOf(cluster, away!)
    yield* cluster.crash(away!)
    yield* work(cluster, leader, 1)
    yield* cluster.start(away!)
    yield* TestClock.adjust(1000)
    yield* assertHasCaughtUp(cluster, away!, leader)
    assert.strictEqual(yield* snapshotIndexOf(cluster, away!), before)
  })
})

describe("a node that was away", () => {
  clusterTest("has caught up when it has what the leader has committed, and not when it knows who leads", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const statusOf = (id: NodeId) => cluster.at(id).node.status
    const [away, other] = cluster.others(leader)
    yield* work(cluster, leader, 40)
    yield* TestClock.adjust(100)
    assert.deepInclude(yield* statusOf(leader), { isCaughtUp: true })
    assert.deepInclude(yield* statusOf(other!), { isCaughtUp: true })
    yield* cluster.crash(away!)
    yield* work(cluster, leader, 40)
    // What it lacks is a snapshot, and to write that takes a while.
    yield* cluster.start(away!)
    cluster.disk(away!).slow(500)
    const { commitIndex } = yield* statusOf(leader)
    let waited = 0
    for (let now = yield* statusOf(away!); now.lastApplied < commitIndex; now = yield* statusOf(away!)) {
      assert.isFalse(now.isCaughtUp)
      if (now.leaderId !== null) waited += 10
      yield* TestClock.adjust(10)
    }
    assert.isAtLeast(waited, 500)
    yield* TestClock.adjust(100)
    assert.deepInclude(yield* statusOf(away!), { isCaughtUp: true })
    // A new leader is one to catch up with.
    yield* cluster.crash(leader)
    yield* TestClock.adjust(2000)
    for (const id of [away!, other!]) assert.deepInclude(yield* statusOf(id), { isCaughtUp: true })
  })
})

describe("a snapshot of another cluster than the log's", () => {
  clusterTest("stops the start, and nothing of either is taken", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const [mixed] = cluster.others(leader)
    yield* work(cluster, leader, 40)
    yield* cluster.crash(mixed!)
    cluster.disk(mixed!).founded("another")
    const { message } = yield* Effect.flip(cluster.start(mixed!))
    assert.match(message, /^The log in .* is of cluster another, and the snapshot beside it of cluster .*--rejoin/)
  })
})

describe("a follower that lacks what was compacted away", () => {
  clusterTest("is sent a snapshot and goes on from there, while others go on meanwhile", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const [away] = cluster.others(leader)
    yield* cluster.crash(away!)
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    yield* work(cluster, leader, 60)
    yield* cluster.start(away!)
    yield* work(cluster, leader, 5)
    yield* TestClock.adjust(1000)
    yield* assertHasCaughtUp(cluster, away!, leader)
    assert.deepStrictEqual(yield* staleTokensOn(cluster, away!, "kept"), [held.token])
    assert.isAbove(yield* snapshotIndexOf(cluster, away!), 0)
    // It has what the others have: with one of them gone it makes a majority, and may lead.
    yield* cluster.crash(leader)
    const next = yield* cluster.elect
    assert.deepStrictEqual(yield* tokensOn(cluster, next, "kept"), [held.token])
  })

  clusterTest("that crashes in the middle of it starts with what it had, and is sent it again", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const [away] = cluster.others(leader)
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    yield* cluster.crash(away!)
    yield* work(cluster, leader, 60)
    // It takes a few milliseconds; somewhere in between it stops.
    for (const millis of [1, 3, 5, 8, 13]) {
      yield* cluster.start(away!)
      yield* pass(millis)
      yield* cluster.crash(away!)
    }
    yield* cluster.start(away!)
    yield* TestClock.adjust(2000)
    assert.deepStrictEqual(yield* staleTokensOn(cluster, away!, "kept"), [held.token])
  })
})

describe("through a snapshot", () => {
  clusterTest("a lease ends when it would have ended, and its waiter is granted then", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const [away, other] = cluster.others(leader)
    yield* cluster.crash(away!)
    const held = yield* during(cluster.at(leader).locks.acquire("door", { ...wanted, ttlMs: 20_000 }))
    const waiter = yield* Effect.forkChild(
      cluster.at(leader).locks.acquire("door", { ...wanted, ttlMs: 60_000, waitMs: 60_000 })
    )
    yield* TestClock.adjust(100)
    yield* work(cluster, leader, 60)
    yield* cluster.start(away!)
    yield* TestClock.adjust(2000)
    // Only the node that has it from the snapshot and one other are left.
    yield* cluster.crash(other!)
    yield* TestClock.adjust(10_000)
    assert.isUndefined(waiter.pollUnsafe())
    assert.deepStrictEqual(yield* staleTokensOn(cluster, away!, "door"), [held.token])
    yield* TestClock.adjust(10_000)
    assert.isAbove((yield* Fiber.join(waiter)).token, held.token)
  })

  clusterTest("a caller of the node that was away hears that nobody knows what came of its wait", function*() {
    const cluster = yield* makeSmall(3)
    const leader = yield* cluster.elect
    const [away] = cluster.others(leader)
    const held = yield* during(cluster.at(leader).locks.acquire("door", { ...wanted, ttlMs: 60_000 }))
    const waiter = yield* Effect.forkChild(
      Effect.flip(cluster.at(away!).locks.acquire("door", { ...wanted, ttlMs: 60_000, waitMs: 60_000 }))
    )
    yield* TestClock.adjust(100)
    yield* cluster.network.isolate(away!)
    // The wait ends meanwhile, and what says so is compacted away, before it would give up for want of a leader.
    yield* during(cluster.at(leader).locks.release("door", held))
    yield* work(cluster, leader, 60)
    for (const other of cluster.others(away!)) yield* cluster.network.repair(away!, other)
    assert.isUndefined(waiter.pollUnsafe())
    yield* pass(1500)
    assert.isAbove(yield* snapshotIndexOf(cluster, away!), 0)
    assert.isDefined(waiter.pollUnsafe())
    assert.strictEqual((yield* Fiber.join(waiter))._tag, "OutcomeUnknown")
  })
})

describe("someone who asks for a snapshot", () => {
  clusterTest("gets one of what the node has applied, whose file can be read", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    yield* during(cluster.at(leader).locks.acquire("kept", wanted))
    const { node } = cluster.at(leader)
    const stored = yield* during(node.takeSnapshot)
    const { lastApplied } = yield* node.status
    assert.strictEqual(stored.snapshot.index, lastApplied)
    assert.strictEqual((yield* during(node.takeSnapshot)).checksum, stored.checksum)
  })
})
