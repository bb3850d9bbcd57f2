/**
 * Much at once: what does not fit into one message between nodes is divided or refused, and disturbs
 * nobody.
 */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

// Together more than the longest frame, and each as long as a node may be told to take.
const count = 260
// The codec writes equal strings once, so no two are equal.
const optionsOf = (at: number) =>
  ({ ...wanted, mode: "shared", ttlMs: 60_000, value: String(at).padStart(65_536, "v") }) as const

describe("long values that come in by the hundred at once", () => {
  clusterTest("are all kept, and refused to a reader for whom they are too long to be passed on", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [follower] = cluster.others(leader)
    const before = yield* cluster.at(leader).node.status
    const acquires = Array.from({ length: count }, (_, at) => cluster.at(leader).locks.acquire("hall", optionsOf(at)))
    const grants = yield* during(Effect.all(acquires, { concurrency: "unbounded" }))
    assert.strictEqual(new Set(grants.map(({ token }) => token)).size, count)
    const refused = yield* during(Effect.flip(cluster.at(follower!).locks.get("hall", "linearizable")))
    assert.strictEqual(refused._tag, "Overloaded")
    assert.lengthOf((yield* during(cluster.at(leader).locks.get("hall", "linearizable"))).holders, count)
    const after = yield* cluster.at(leader).node.status
    assert.deepStrictEqual([after.role, after.term], ["Leader", before.term])
  }, 120_000)
})
