/** The replicated clock while a leader hands over to one that does not take over: it goes on. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

const ttlMillis = 5000
const tickMillis = 250

describe("A leader that falls while it hands over in vain", () => {
  for (const phase of [0, 60, 120, 180, 240]) {
    clusterTest(`costs a lease the time without a leader and one tick, and no more (${phase} ms)`, function*() {
      const cluster = yield* makeCluster(3)
      const leader = yield* cluster.elect
      const [target] = cluster.others(leader)
      yield* pass(1000 + phase)
      yield* during(cluster.at(leader).locks.acquire("door", { ...wanted, ttlMs: ttlMillis }))
      const { expiresInMs: before } = (yield* during(cluster.at(leader).locks.get("door", "linearizable"))).holders[0]!
      // A little before the next tick is due.
      yield* pass(tickMillis - 10)
      cluster.disk(target!).trouble("full")
      const { node } = cluster.at(leader)
      const moving = yield* Effect.forkChild(node.administer({ _tag: "Transfer", to: target! }), {
        startImmediately: true
      })
      // It falls late: a transfer is given up after two quorum checks.
      let waited = 0
      for (; waited < 280 && !moving.pollUnsafe(); waited++) yield* pass(1)
      assert.isUndefined(moving.pollUnsafe())
      cluster.disk(target!).trouble(null)
      yield* cluster.crash(leader)
      while ((yield* cluster.leader) === null) yield* pass(1)
      const next = (yield* cluster.leader)!
      const { expiresInMs } = (yield* during(cluster.at(next).locks.get("door", "linearizable"))).holders[0]!
      const lost = expiresInMs - (before - (tickMillis - 10) - waited)
      assert.isAtMost(lost, tickMillis + 20, `${lost} ms beside the time without a leader`)
    })
  }
})
