/**
 * What a node does about its disk: it acknowledges nothing that is not on it, waits for room, stops
 * when it fails, and is not let in when it has been replaced.
 */
import { assert, describe } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

describe("a full disk", () => {
  clusterTest("of the leader: nothing is acknowledged there, and the others elect another", function*() {
    const cluster = yield* makeCluster(3)
    const first = yield* cluster.elect
    cluster.disk(first).trouble("full")
    const request = yield* Effect.forkChild(Effect.flip(cluster.at(first).locks.acquire("door", wanted)))
    yield* TestClock.adjust(2000)
    const second = yield* cluster.leader
    assert.notStrictEqual(second, first)
    yield* TestClock.adjust(500)
    assert.strictEqual((yield* Fiber.join(request))._tag, "OutcomeUnknown")
    assert.isNotNull((yield* cluster.at(first).node.status).stalled)
    yield* during(cluster.at(second!).locks.acquire("gate", wanted))
  })

  clusterTest("of a follower costs the others nothing, and it catches up when there is room", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [full] = cluster.others(leader)
    cluster.disk(full!).trouble("full")
    for (const name of ["a", "b", "c"]) yield* during(cluster.at(leader).locks.acquire(name, wanted))
    yield* TestClock.adjust(3000)
    cluster.disk(full!).trouble(null)
    yield* TestClock.adjust(3000)
    const [one, other] = [yield* cluster.at(leader).node.status, yield* cluster.at(full!).node.status]
    assert.isNull(other.stalled)
    assert.strictEqual(other.leaderId, leader)
    assert.isAtLeast(other.lastLogIndex, one.commitIndex)
    assert.deepStrictEqual(
      cluster.disk(full!).stored().entries.map(({ index }) => index),
      Array.from({ length: other.lastLogIndex }, (_, at) => at + 1)
    )
  })
})

describe("a failed disk", () => {
  clusterTest("ends the node, and whoever runs it learns why", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [broken] = cluster.others(leader)
    cluster.disk(broken!).trouble("io")
    yield* during(cluster.at(leader).locks.acquire("door", wanted))
    const exit = yield* during(Effect.exit(cluster.at(broken!).node.join))
    assert.isTrue(Exit.isFailure(exit))
    if (Exit.isFailure(exit)) assert.include(Cause.pretty(exit.cause), "is in trouble")
  })
})

describe("a replaced disk", () => {
  clusterTest("is refused by name, and its node stops and says so", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [wiped] = cluster.others(leader)
    yield* during(cluster.at(leader).locks.acquire("door", wanted))
    yield* TestClock.adjust(500)
    yield* cluster.crash(wiped!)
    cluster.disk(wiped!).wipe()
    yield* cluster.start(wiped!)
    const exit = yield* during(Effect.exit(cluster.at(wiped!).node.join))
    assert.isTrue(Exit.isFailure(exit))
    if (Exit.isFailure(exit)) assert.include(Cause.pretty(exit.cause), `disk replaced: ${wiped}`)
    assert.strictEqual((yield* cluster.at(leader).node.status).role, "Leader")
  })

  clusterTest("does not help to elect a leader over the others' log", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [wiped, other] = cluster.others(leader)
    yield* during(cluster.at(leader).locks.acquire("door", wanted))
    yield* TestClock.adjust(500)
    yield* cluster.crash(leader)
    yield* cluster.crash(wiped!)
    cluster.disk(wiped!).wipe()
    yield* cluster.start(wiped!)
    yield* TestClock.adjust(5000)
    assert.isNull((yield* cluster.at(other!).node.status).leaderId)
    assert.isNull(yield* cluster.leader)
  })
})
