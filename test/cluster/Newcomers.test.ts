/** Nodes that come: what their death costs, and who has not heard of them yet. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>

const votersOn = (cluster: Cluster, id: NodeId) =>
  Effect.map(
    cluster.at(id).node.status,
    ({ members }) => members.filter(({ voter }) => voter).map(({ nodeId }) => String(nodeId)).toSorted()
  )

describe("a node that joins and knows one follower", () => {
  clusterTest("is let in: that one tells the leader of it", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [follower] = cluster.others(leader)
    const joined = yield* cluster.join("node4", [follower!])
    yield* TestClock.adjust(3_000)
    assert.include(yield* votersOn(cluster, leader), "node4")
    assert.strictEqual((yield* cluster.at(joined).node.status).leaderId, leader)
  })

  clusterTest("is let in also when there is a leader only later", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [follower, other] = cluster.others(leader)
    yield* cluster.crash(leader)
    yield* cluster.crash(other!)
    const joined = yield* cluster.join("node4", [follower!])
    yield* TestClock.adjust(3_000)
    yield* cluster.start(leader)
    yield* cluster.start(other!)
    yield* TestClock.adjust(5_000)
    assert.include(yield* votersOn(cluster, (yield* cluster.leader)!), joined)
  })
})

describe("nodes that join and die", () => {
  clusterTest("never take the majority from three that are well", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    for (const name of ["node4", "node5", "node6"]) {
      const joined = yield* cluster.join(name)
      yield* pass(2_000)
      yield* cluster.crash(joined)
      yield* pass(1_000)
    }
    assert.deepStrictEqual(yield* votersOn(cluster, leader), ["node1", "node2", "node3", "node4", "node5"])
    yield* during(cluster.at(leader).locks.acquire("door", wanted))
  })

  clusterTest("make the second voter of a single one, and the third", function*() {
    const cluster = yield* makeCluster(1)
    const leader = yield* cluster.elect
    for (const name of ["node2", "node3"]) {
      yield* cluster.join(name)
      yield* TestClock.adjust(2_000)
    }
    assert.deepStrictEqual(yield* votersOn(cluster, leader), ["node1", "node2", "node3"])
  })
})

describe("a node that joined and was removed before it heard of either", () => {
  clusterTest("is told when it meets the leader before that knows again what is committed", function*() {
    const snapshots = { entries: 16, bytesMin: 1, retainedEntries: 16 }
    const cluster = yield* makeCluster(1, () => ourVersions, { snapshots })
    const leader = yield* cluster.elect
    const acquire = (names: ReadonlyArray<string>) =>
      during(Effect.forEach(names, (name) => cluster.at(leader).locks.acquire(name, wanted)))
    yield* acquire(twenty("before"))
    yield* cluster.network.delay(leader, NodeId.make("node2"), 20)
    const joined = yield* cluster.join("node2")
    yield* waitFor(cluster, leader, ["node1", "node2"])
    yield* cluster.network.hold(leader, joined)
    yield* acquire(twenty("after"))
    const change = { _tag: "Change", change: { _tag: "Remove", nodeId: joined } } as const
    assert.strictEqual((yield* during(cluster.at(leader).node.administer(change)))._tag, "Done")
    const { lastLogIndex, snapshotIndex } = yield* cluster.at(leader).node.status
    assert.isAbove(lastLogIndex, snapshotIndex)
    yield* cluster.crash(leader)
    yield* cluster.network.repair(leader, joined)
    yield* cluster.start(leader)
    const end = yield* Effect.forkChild(Effect.exit(cluster.at(joined).node.join))
    yield* TestClock.adjust(5_000)
    assert.include(String(JSON.stringify(end.pollUnsafe())), "was removed from its cluster")
  })
})

const twenty = (word: string) => Array.from({ length: 20 }, (_, at) => `${word}-${at}`)

/** A millisecond at a time. */
const waitFor = Effect.fnUntraced(function*(cluster: Cluster, id: NodeId, members: ReadonlyArray<string>) {
  for (let millis = 0; millis < 2000; millis++) {
    const known = (yield* cluster.at(id).node.status).members.map(({ nodeId }) => String(nodeId))
    if (known.join() === members.join()) return
    yield* TestClock.adjust(1)
  }
  assert.fail(`the members are never ${members.join()}`)
})

describe("a follower that was away while its leader came back on a new disk", () => {
  clusterTest("catches up: on that disk the leader is a stranger that knows more", function*() {
    const cluster = yield* makeCluster(5)
    const leader = yield* cluster.elect
    const [away, replaced] = cluster.others(leader)
    yield* cluster.crash(away!)
    yield* cluster.crash(replaced!)
    cluster.disk(replaced!).wipe()
    yield* cluster.join(replaced!)
    yield* pass(3_000)
    const transfer = { _tag: "Transfer", to: replaced! } as const
    assert.strictEqual((yield* during(cluster.at(leader).node.administer(transfer)))._tag, "Done")
    const held = yield* during(cluster.at(replaced!).locks.acquire("kept", { ...wanted, ttlMs: 60_000 }))
    yield* cluster.start(away!)
    yield* pass(3_000)
    assert.strictEqual((yield* cluster.at(away!).node.status).leaderId, replaced)
    const { holders } = yield* during(cluster.at(away!).locks.get("kept", "linearizable"))
    assert.deepStrictEqual(holders.map(({ token }) => token), [held.token])
  })
})
