/**
 * The members of a cluster change while it serves: one joins with an empty disk, one is removed, the
 * leader goes, a lost disk comes back; locks, tokens and waiters live on.
 */
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { AdminOutcome } from "../../src/node/administration/AdminAsk.ts"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>

const remove = (nodeId: NodeId) => ({ _tag: "Change", change: { _tag: "Remove", nodeId } }) as const

const add = (name: string, raft: string) =>
  ({ _tag: "Change", change: { _tag: "AddLearner", nodeId: NodeId.make(name), raft } }) as const

const votersOn = (cluster: Cluster, id: NodeId) =>
  Effect.map(
    cluster.at(id).node.status,
    ({ members }) => members.filter(({ voter }) => voter).map(({ nodeId }) => String(nodeId)).toSorted()
  )

const tagOf = ({ _tag }: AdminOutcome) => _tag

/** Why a node has stopped by itself. */
const endOf = (cluster: Cluster, id: NodeId) =>
  Effect.map(
    Effect.exit(during(cluster.at(id).node.join)),
    (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "has not stopped"
  )

const heldOn = (cluster: Cluster, id: NodeId) =>
  Effect.map(
    during(cluster.at(id).locks.get("kept", "linearizable")),
    ({ holders }) => holders.map(({ token }) => token)
  )

describe("a node with an empty disk that asks to join", () => {
  clusterTest("is a learner, then a voter by itself, and has all that the others have", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    const joined = yield* cluster.join("node4")
    yield* TestClock.adjust(2_000)
    const four = ["node1", "node2", "node3", "node4"]
    for (const id of [leader, joined]) assert.deepStrictEqual(yield* votersOn(cluster, id), four)
    assert.deepStrictEqual(yield* heldOn(cluster, joined), [held.token])
    // It counts: with one of the first three gone, three of four are a majority only with its help.
    yield* cluster.crash(cluster.others(leader)[0]!)
    assert.isAbove((yield* during(cluster.at(leader).locks.acquire("later", wanted))).token, held.token)
  })

  clusterTest("is sent a snapshot if the log does not reach back", function*() {
    const snapshots = { entries: 20, bytesMin: 1024 * 1024, retainedEntries: 5 }
    const cluster = yield* makeCluster(3, () => ourVersions, { snapshots })
    const leader = yield* cluster.elect
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    for (let cycle = 0; cycle < 40; cycle++) {
      const { session, token } = yield* during(cluster.at(leader).locks.acquire("worked on", wanted))
      yield* during(cluster.at(leader).locks.release("worked on", { session, token }))
    }
    const joined = yield* cluster.join("node4")
    yield* TestClock.adjust(3_000)
    assert.include(yield* votersOn(cluster, leader), "node4")
    assert.deepStrictEqual(yield* heldOn(cluster, joined), [held.token])
  })

  clusterTest("gets in though it crashes on its way, wherever that is", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    for (const millis of [1, 2, 3, 5, 8, 50, 100]) {
      const joining = yield* cluster.join("node4")
      yield* pass(millis)
      yield* cluster.crash(joining)
    }
    yield* cluster.join("node4")
    yield* TestClock.adjust(3_000)
    assert.include(yield* votersOn(cluster, leader), "node4")
  })

  clusterTest("starts again as what it has become", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const joined = yield* cluster.join("node4")
    yield* TestClock.adjust(2_000)
    yield* cluster.crash(joined)
    yield* cluster.join("node4")
    yield* TestClock.adjust(1_000)
    assert.include(yield* votersOn(cluster, joined), "node4")
    assert.strictEqual((yield* cluster.at(joined).node.status).leaderId, leader)
  })
})

describe("a member that is removed", () => {
  clusterTest("stops, says why, and disturbs nobody", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [removed, other] = cluster.others(leader)
    const { term } = yield* cluster.at(leader).node.status
    assert.strictEqual(tagOf(yield* during(cluster.at(other!).node.administer(remove(removed!)))), "Done")
    assert.include(yield* endOf(cluster, removed!), `${removed} was removed from its cluster`)
    yield* TestClock.adjust(3_000)
    assert.strictEqual(yield* cluster.leader, leader)
    assert.strictEqual((yield* cluster.at(leader).node.status).term, term)
    assert.lengthOf(yield* votersOn(cluster, leader), 2)
  })

  clusterTest("hears of it also where one other is left to say so", function*() {
    const cluster = yield* makeCluster(2)
    const leader = yield* cluster.elect
    const [removed] = cluster.others(leader)
    yield* cluster.crash(removed!)
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(removed!)))), "Done")
    yield* cluster.start(removed!)
    assert.include(yield* endOf(cluster, removed!), `${removed} was removed from its cluster`)
  })

  clusterTest("hears of it also where the others but one are on empty disks, and have nothing to say", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [removed, other] = cluster.others(leader)
    yield* cluster.crash(removed!)
    for (const one of [removed!, other!]) {
      assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(one)))), "Done")
    }
    yield* cluster.crash(other!)
    cluster.disk(other!).wipe()
    yield* cluster.network.partition(leader, other!)
    yield* cluster.join(other!)
    yield* cluster.start(removed!)
    assert.include(yield* endOf(cluster, removed!), `${removed} was removed from its cluster`)
  })

  clusterTest("hears of it when it comes back, if it was away", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [removed] = cluster.others(leader)
    yield* cluster.crash(removed!)
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(removed!)))), "Done")
    yield* cluster.start(removed!)
    assert.include(yield* endOf(cluster, removed!), "removed from its cluster")
    assert.strictEqual(yield* cluster.leader, leader)
  })

  clusterTest("hears of it from those who follow, though the leader that removed it could not tell it", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [removed] = cluster.others(leader)
    yield* cluster.network.partition(leader, removed!)
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(removed!)))), "Done")
    yield* TestClock.adjust(1_000)
    yield* cluster.network.repair(leader, removed!)
    assert.include(yield* endOf(cluster, removed!), "removed from its cluster")
    assert.strictEqual(yield* cluster.leader, leader)
  })

  clusterTest("is told by the leader that the change is committed, and needs nobody else to say so", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [removed, other] = cluster.others(leader)
    yield* cluster.network.partition(removed!, other!)
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(removed!)))), "Done")
    assert.include(yield* endOf(cluster, removed!), "was removed from its cluster")
    assert.strictEqual((yield* cluster.at(leader).node.status).role, "Leader")
  })

  clusterTest("hears of it also when it lacks what was compacted away", function*() {
    const snapshots = { entries: 20, bytesMin: 1024 * 1024, retainedEntries: 5 }
    const cluster = yield* makeCluster(3, () => ourVersions, { snapshots })
    const leader = yield* cluster.elect
    const [removed] = cluster.others(leader)
    yield* cluster.crash(removed!)
    for (let cycle = 0; cycle < 40; cycle++) {
      const { session, token } = yield* during(cluster.at(leader).locks.acquire("worked on", wanted))
      yield* during(cluster.at(leader).locks.release("worked on", { session, token }))
    }
    yield* cluster.start(removed!)
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(removed!)))), "Done")
    assert.include(yield* endOf(cluster, removed!), "removed from its cluster")
    assert.strictEqual((yield* cluster.at(removed!).node.status).snapshotIndex, 0)
    assert.strictEqual(yield* cluster.leader, leader)
  })

  clusterTest("may be the leader: another leads, and nothing is lost", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked] = cluster.others(leader)
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    const waiter = yield* Effect.forkChild(
      cluster.at(asked!).locks.acquire("kept", { ...wanted, ttlMs: 60_000, waitMs: 60_000 })
    )
    yield* TestClock.adjust(100)
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(remove(leader)))), "Done")
    assert.include(yield* endOf(cluster, leader), "was removed")
    yield* TestClock.adjust(1_000)
    const next = yield* cluster.elect
    assert.notStrictEqual(next, leader)
    assert.deepStrictEqual(yield* heldOn(cluster, next), [held.token])
    yield* during(cluster.at(next).locks.release("kept", { session: held.session, token: held.token }))
    assert.isAbove((yield* during(Fiber.join(waiter))).token, held.token)
  })

  clusterTest("is not the last voter", function*() {
    const cluster = yield* makeCluster(1)
    const leader = yield* cluster.elect
    const outcome = yield* during(cluster.at(leader).node.administer(remove(leader)))
    assert.deepStrictEqual(outcome, { _tag: "Refused", reason: "last-voter" })
  })
})

describe("a leader that joined while another node was away", () => {
  clusterTest("is followed by that one, though its log does not name it", function*() {
    const cluster = yield* makeCluster(5)
    const leader = yield* cluster.elect
    const [away] = cluster.others(leader)
    yield* cluster.crash(away!)
    const joined = yield* cluster.join("node6")
    yield* TestClock.adjust(2_000)
    assert.include(yield* votersOn(cluster, leader), "node6")
    const transfer = { _tag: "Transfer", to: joined } as const
    assert.strictEqual(tagOf(yield* during(cluster.at(leader).node.administer(transfer))), "Done")
    const held = yield* during(cluster.at(joined).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    yield* cluster.start(away!)
    yield* TestClock.adjust(2_000)
    assert.strictEqual((yield* cluster.at(away!).node.status).leaderId, joined)
    assert.deepStrictEqual(yield* heldOn(cluster, away!), [held.token])
    assert.strictEqual(yield* cluster.leader, joined)
  })
})

describe("an operator who adds a member", () => {
  clusterTest("names it before it is there, and it becomes a voter when it comes", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked] = cluster.others(leader)
    const { node } = cluster.at(asked!)
    assert.strictEqual(tagOf(yield* during(node.administer(add("node4", "127.0.0.1:9085")))), "Done")
    assert.strictEqual(tagOf(yield* during(node.administer(add("node4", "127.0.0.1:9085")))), "Done")
    assert.deepStrictEqual(yield* during(node.administer(add("node4", "127.0.0.1:9999"))), {
      _tag: "Refused",
      reason: "already-member"
    })
    assert.deepStrictEqual(yield* during(node.administer(add("node5", "127.0.0.1:9085"))), {
      _tag: "Refused",
      reason: "address-in-use"
    })
    yield* TestClock.adjust(1_000)
    assert.lengthOf(yield* votersOn(cluster, leader), 3)
    yield* cluster.join("node4")
    yield* TestClock.adjust(2_000)
    assert.lengthOf(yield* votersOn(cluster, leader), 4)
  })

  clusterTest("hears that nobody leads, and nothing was done", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [asked, other] = cluster.others(leader)
    yield* cluster.crash(leader)
    yield* cluster.crash(other!)
    const outcome = yield* during(cluster.at(asked!).node.administer(add("node4", "127.0.0.1:9085")))
    assert.strictEqual(tagOf(outcome), "NoLeader")
  })
})

describe("a node with the data of another cluster", () => {
  clusterTest("hears of it, though by that data it has no peers", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [stranger] = cluster.others(leader)
    yield* cluster.crash(stranger!)
    for (const other of cluster.others(stranger!)) yield* cluster.network.partition(stranger!, other)
    cluster.disk(stranger!).founded("another")
    yield* cluster.start(stranger!)
    yield* TestClock.adjust(2_000)
    assert.strictEqual((yield* cluster.at(stranger!).node.status).role, "Leader")
    for (const other of cluster.others(stranger!)) yield* cluster.network.repair(stranger!, other)
    assert.include(yield* endOf(cluster, stranger!), `${stranger} has the data of cluster another`)
    assert.strictEqual((yield* cluster.at(leader).node.status).role, "Leader")
  })
})

describe("a member whose disk was lost", () => {
  clusterTest("comes back as a new member when it asks to", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [lost] = cluster.others(leader)
    const held = yield* during(cluster.at(leader).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    yield* cluster.crash(lost!)
    cluster.disk(lost!).wipe()
    yield* cluster.join(lost!)
    yield* TestClock.adjust(3_000)
    assert.include(yield* votersOn(cluster, leader), String(lost))
    assert.deepStrictEqual(yield* heldOn(cluster, lost!), [held.token])
  })
})
