/**
 * A node whose disk was put back to an older copy of itself has forgotten what others count on: whoever else is left
 * recognises it, it elects nobody, stops, and says what to do. One that has lost only what it never acknowledged is
 * not accused.
 */
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { TestClock } from "effect/testing"
import type { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>

const why = /has gone back in time: its log ends with entry \d+, and it has acknowledged entry \d+\..*--rejoin/

/** Why a node has stopped by itself. */
const endOf = (cluster: Cluster, id: NodeId) =>
  Effect.map(
    Effect.exit(during(cluster.at(id).node.join)),
    (exit) => Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "has not stopped"
  )

const write = (cluster: Cluster, id: NodeId, count: number) =>
  Effect.replicateEffect(
    Effect.flatMap(
      during(cluster.at(id).locks.acquire("door", wanted)),
      ({ session, token }) => during(cluster.at(id).locks.release("door", { session, token }))
    ),
    count,
    { discard: true }
  )

/** A cluster, and how to put back the disk of one of its nodes to where it was before the last writes. */
const written = Effect.fnUntraced(function*(pick: (cluster: Cluster, leader: NodeId) => NodeId) {
  const cluster = yield* makeCluster(3)
  const leader = yield* cluster.elect
  yield* write(cluster, leader, 3)
  yield* TestClock.adjust(100)
  const picked = pick(cluster, leader)
  const putBack = cluster.disk(picked).backup()
  yield* write(cluster, leader, 5)
  yield* TestClock.adjust(1_000)
  return { cluster, leader, picked, putBack }
})

const follower = (cluster: Cluster, leader: NodeId) => cluster.others(leader)[0]!

describe("a disk that was put back to an older copy", () => {
  clusterTest("is recognised by the leader, and its node comes back as a new member", function*() {
    const { cluster, leader, picked, putBack } = yield* written(follower)
    yield* cluster.crash(picked)
    putBack()
    yield* cluster.start(picked)
    assert.match(yield* endOf(cluster, picked), why)
    assert.strictEqual((yield* cluster.at(leader).node.status).role, "Leader")
    yield* cluster.crash(picked)
    cluster.disk(picked).wipe()
    yield* cluster.join(picked)
    yield* TestClock.adjust(3_000)
    assert.strictEqual((yield* cluster.at(picked).node.status).role, "Follower")
  })

  clusterTest("is recognised by one that has never led, and elects nobody with it", function*() {
    const { cluster, leader, picked, putBack } = yield* written(follower)
    const other = cluster.others(leader).find((id) => id !== picked)
    yield* cluster.crash(leader)
    yield* cluster.crash(picked)
    putBack()
    yield* cluster.start(picked)
    assert.match(yield* endOf(cluster, picked), why)
    yield* TestClock.adjust(3_000)
    assert.isNull((yield* cluster.at(other!).node.status).leaderId)
  })

  clusterTest("is recognised though all were stopped", function*() {
    const { cluster, leader, picked, putBack } = yield* written(follower)
    // What is known is written with what is written next.
    yield* write(cluster, leader, 1)
    for (const id of cluster.ids) yield* cluster.crash(id)
    putBack()
    for (const id of cluster.ids) yield* cluster.start(id)
    assert.match(yield* endOf(cluster, picked), why)
    yield* TestClock.adjust(1_000)
    assert.isNotNull(yield* cluster.leader)
  })

  clusterTest("is recognised when it is the leader's own", function*() {
    const { cluster, picked, putBack } = yield* written((_, leader) => leader)
    yield* cluster.crash(picked)
    putBack()
    yield* cluster.start(picked)
    assert.match(yield* endOf(cluster, picked), why)
  })
})

describe("a node that loses what it has not acknowledged", () => {
  clusterTest("is not accused, whenever it crashes", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    for (const millis of [0, 1, 2, 5, 13, 55, 233]) {
      const [first] = cluster.others(leader)
      const busy = yield* Effect.forkChild(Effect.forever(write(cluster, leader, 1)))
      yield* pass(millis)
      yield* cluster.crash(first!)
      yield* cluster.start(first!)
      yield* TestClock.adjust(500)
      busy.interruptUnsafe()
      yield* TestClock.adjust(500)
      assert.strictEqual((yield* cluster.at(first!).node.status).leaderId, leader)
    }
  })
})
