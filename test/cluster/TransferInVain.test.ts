/** A leader that hands over to one that cannot take over: it is refused, and nothing comes of it later. */
import { assert, describe } from "@effect/vitest"
import { clusterTest, during, makeCluster, pass } from "./Cluster.ts"

describe("A node that was to take over while its disk was full", () => {
  clusterTest("deposes nobody when there is room again, long after that was given up", function*() {
    const cluster = yield* makeCluster(3)
    const leader = yield* cluster.elect
    const [target] = cluster.others(leader)
    cluster.disk(target!).trouble("full")
    const { node } = cluster.at(leader)
    const outcome = yield* during(node.administer({ _tag: "Transfer", to: target! }))
    assert.deepStrictEqual(outcome, { _tag: "Refused", reason: "unreachable" })
    const { term } = yield* node.status
    yield* pass(3000)
    cluster.disk(target!).trouble(null)
    for (let millis = 0; millis < 1500; millis += 5) {
      yield* pass(5)
      assert.strictEqual(yield* cluster.leader, leader)
    }
    assert.strictEqual((yield* node.status).term, term)
  })
})
