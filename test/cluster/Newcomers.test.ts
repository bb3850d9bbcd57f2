/** Nodes that come: what their death costs, and who has not heard of them yet. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { NodeId } from "../../src/raft/Membership.ts"
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
