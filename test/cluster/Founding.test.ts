/**
 * Clusters that are founded twice: a first leader has the first entry on its own disk alone, falls, and finds that the
 * others have begun anew without it.
 */
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, type Exit } from "effect"
import { TestClock } from "effect/testing"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import type { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

/** One of three with a first entry of its own, that is back and cut off for so long while the others found theirs. */
const founder = Effect.fnUntraced(function*(millis: number, votesOf: (others: ReadonlyArray<NodeId>) => Array<NodeId>) {
  const cluster = yield* makeCluster(3)
  const [id, ...others] = cluster.ids
  const voted = votesOf(others)
  yield* cluster.crash(id!)
  cluster.disk(id!).foundedInVain(voted, others.filter((other) => !voted.includes(other)))
  for (const other of others) yield* cluster.network.partition(id!, other)
  yield* cluster.start(id!)
  const end = yield* Effect.forkChild(Effect.exit(cluster.at(id!).node.join))
  yield* TestClock.adjust(millis)
  for (const other of others) yield* cluster.network.repair(id!, other)
  return { node: cluster.at(id!).node, other: cluster.at(others[0]!).node, end: () => end.pollUnsafe() }
})

describe("a founder that was in vain", () => {
  // Who of the two hears the other first is chance.
  for (const millis of [1_000, 6_050, 6_200, 6_300, 20_000]) {
    clusterTest(`is let in when it was cut off for ${millis} ms after its start`, function*() {
      const { end, node, other } = yield* founder(millis, ([voter]) => [voter!])
      yield* TestClock.adjust(3_000)
      assert.isUndefined(end())
      const [{ commitIndex, leaderId, role }, theirs] = [yield* node.status, yield* other.status]
      assert.deepStrictEqual({ commitIndex, leaderId, role }, {
        commitIndex: theirs.commitIndex,
        leaderId: theirs.leaderId,
        role: "Follower"
      })
    })
  }

  clusterTest("is not taken for one whose data is of another cluster: that one stops some seconds later", function*() {
    const { end } = yield* founder(20_000, () => [])
    yield* TestClock.adjust(3_000)
    assert.isUndefined(end())
    yield* TestClock.adjust(4_000)
    const exit = end() as Exit.Exit<Exit.Exit<never, unknown>> | undefined
    assert.isTrue(exit?._tag === "Success" && exit.value._tag === "Failure")
    if (exit?._tag !== "Success" || exit.value._tag !== "Failure") return
    assert.include(Cause.pretty(exit.value.cause), "has the data of cluster vain")
  })
})

describe("a founder that was in vain, and whose voters have lost their disks since", () => {
  clusterTest("believes a peer of which it knows nothing, but that lets it in", function*() {
    const cluster = yield* makeCluster(3)
    const [id, voter, other] = cluster.ids
    yield* cluster.crash(id!)
    cluster.disk(id!).foundedInVain([voter!], [other!])
    const leader = yield* cluster.elect
    if (leader !== voter) yield* during(cluster.at(leader).node.administer({ _tag: "Transfer", to: voter! }))
    yield* cluster.network.partition(id!, other!)
    yield* cluster.network.delay(id!, voter!, 50)
    yield* cluster.start(id!)
    // It is linked to its voter until that has recorded its store, and hears nothing of it.
    const isRecorded = () => JSON.stringify(cluster.disk(voter!).stored().entries).includes(`store-of-${id}`)
    for (let millis = 0; millis < 2_000 && !isRecorded(); millis++) yield* TestClock.adjust(1)
    yield* cluster.network.partition(id!, voter!)
    yield* TestClock.adjust(500)
    assert.lengthOf(cluster.disk(id!).stored().entries, 1)
    for (const one of [id!, voter!]) yield* cluster.crash(one)
    yield* cluster.start(id!)
    yield* cluster.network.repair(id!, other!)
    assert.strictEqual(yield* cluster.elect, other)
  })
})

describe("a node that is alone in its cluster", () => {
  clusterTest("is not stopped by one that was removed and has the data of another", function*() {
    const cluster = yield* makeCluster(3, () => ourVersions, {
      snapshots: { entries: 16, bytesMin: 1, retainedEntries: 0 }
    })
    const [foreign] = cluster.ids
    yield* cluster.crash(foreign!)
    const leader = yield* cluster.elect
    const other = cluster.others(leader).find((id) => id !== foreign)
    const remove = (nodeId: NodeId) => {
      const change = { _tag: "Change", change: { _tag: "Remove", nodeId } } as const
      return Effect.flatMap(cluster.elect, (asked) => during(cluster.at(asked).node.administer(change)))
    }
    yield* remove(foreign!)
    // Behind a snapshot nobody remembers that it was ever a member.
    for (let lock = 0; lock < 20; lock++) yield* during(cluster.at(leader).locks.acquire(`lock${lock}`, wanted))
    for (const id of [other!, leader]) {
      yield* cluster.crash(id)
      yield* cluster.start(id)
    }
    cluster.disk(foreign!).foundedInVain([], cluster.others(foreign!))
    yield* cluster.start(foreign!)
    yield* TestClock.adjust(1_000)
    const last = yield* cluster.elect
    const { node } = cluster.at(last)
    const end = yield* Effect.forkChild(Effect.exit(node.join))
    yield* remove(last === leader ? other! : leader)
    yield* TestClock.adjust(5_000)
    assert.deepStrictEqual((yield* node.status).members.map(({ nodeId }) => nodeId), [last])
    assert.isUndefined(end.pollUnsafe())
  })
})
