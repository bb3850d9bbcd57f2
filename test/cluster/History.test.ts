/**
 * The history of a lock across nodes: the same on all of them, and it outlives crashes, snapshots and leaders.
 */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

const noon = Date.parse("2026-01-02T12:00:00.000Z")

describe("the history of a lock", () => {
  clusterTest(
    "tells by the leader's clock who held it when, on every node, also one that was sent a snapshot",
    function*() {
      yield* TestClock.setTime(noon)
      const small = { snapshots: { entries: 20, bytesMin: 1024 * 1024, retainedEntries: 5 } }
      const cluster = yield* makeCluster(3, undefined, small)
      const leader = yield* cluster.elect
      const [late] = cluster.others(leader)
      yield* cluster.crash(late!)
      const { locks } = cluster.at(leader)
      const since = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      const { session, token } = yield* during(locks.acquire("door", { ...wanted, label: "ann" }))
      yield* TestClock.adjust(3000)
      yield* during(locks.release("door", { session, token }))
      yield* during(locks.acquire("door", { ...wanted, label: "bob", ttlMs: 60_000 }))
      for (let count = 0; count < 40; count++) yield* during(locks.openSession({ ttlMs: 5000, label: "" }))
      yield* cluster.start(late!)
      yield* TestClock.adjust(3000)
      const told = yield* Effect.forEach(cluster.ids, (id) => cluster.at(id).locks.history("door", "stale"))
      const [first, second] = told[0]!.history
      assert.deepInclude(first!, { label: "bob", token: 2, endedAt: null, ended: null })
      assert.deepInclude(second!, { label: "ann", token: 1, ended: "released" })
      const [grantedAt, endedAt] = [Date.parse(second!.grantedAt!), Date.parse(second!.endedAt!)]
      assert.isTrue(grantedAt >= since && grantedAt <= since + 100, second!.grantedAt!)
      assert.isTrue(endedAt - grantedAt >= 3000 && endedAt - grantedAt <= 3100, second!.endedAt!)
      const words = told.map(({ history }) => history.map((hold) => ({ ...hold, heldMs: 0 })))
      for (const other of words) assert.deepStrictEqual(other, words[0])
    }
  )
})
