/**
 * Events of a cluster: every node tells the same under the same ids, and goes on doing so after it was started again.
 */
import { assert, describe } from "@effect/vitest"
import { TestClock } from "effect/testing"
import type { Numbered, Position } from "../../src/node/EventLog.ts"
import type { RaftNode } from "../../src/node/RaftNode.ts"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

const start: Position = { index: 0, n: 0 }

const told = ({ events }: RaftNode["Service"]) => events.read(start, 1000).events

/** Who leads a term that is over is known to those who were there. */
const line = ({ happening, position }: Numbered) =>
  `${position.index}.${position.n} ` +
  (happening.kind === "leader" ? `term ${happening.term}` : `${happening.kind} ${happening.lock} ${happening.token}`)

describe("the events of a cluster", () => {
  clusterTest("are the same on every node, by day and after a restart", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const { locks } = cluster.at(leader)
    const { session, token } = yield* during(locks.acquire("door", wanted))
    yield* during(locks.acquire("gate", { ...wanted, ttlMs: 1000 }))
    yield* during(locks.release("door", { session, token }))
    yield* TestClock.adjust(2000)
    const [first, ...others] = cluster.ids.map((id) => told(cluster.at(id).node))
    assert.deepStrictEqual(first!.map(line).map((text) => text.replace(/^\d+\./, ".")), [
      ".1 term 1",
      ".1 granted door 1",
      ".1 granted gate 2",
      ".1 released door 1",
      ".1 expired gate 2"
    ])
    for (const other of others) assert.deepStrictEqual(other, first)
    assert.deepInclude(first![0]!.happening, { leaderId: leader })
    const [again] = cluster.others(leader)
    yield* cluster.crash(again!)
    yield* cluster.start(again!)
    yield* TestClock.adjust(1000)
    assert.deepStrictEqual(told(cluster.at(again!).node).map(line), first!.map(line))
  })

  clusterTest("tell of a new leader, and that a snapshot has taken the place of the old ones", function*() {
    const small = { snapshots: { entries: 20, bytesMin: 1024 * 1024, retainedEntries: 5 } }
    const cluster = yield* makeCluster(3, undefined, small)
    const old = yield* cluster.elect
    const [late] = cluster.others(old)
    yield* cluster.crash(late!)
    for (let count = 0; count < 40; count++) {
      yield* during(cluster.at(old).locks.acquire(`door ${count}`, { ...wanted, ttlMs: 60_000 }))
    }
    yield* cluster.start(late!)
    yield* TestClock.adjust(3000)
    const { events } = cluster.at(late!).node
    // Behind what a node has that knows of nothing, which is missing nowhere.
    assert.strictEqual(events.read({ index: 1, n: 0 }, 1).missing, "snapshot")
    const before = events.end
    yield* cluster.crash(old)
    const leaderId = yield* cluster.elect
    yield* TestClock.adjust(500)
    const [{ happening } = assert.fail("nothing was told")] = events.read(before, 1).events
    assert.deepInclude(happening, { kind: "leader", leaderId })
  })
})
