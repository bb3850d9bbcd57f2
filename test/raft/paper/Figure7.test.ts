/**
 * Figure 7: "When the leader at the top comes to power, it is possible that any of scenarios (a-f) could
 * occur in follower logs." Missing entries, extra ones, and both, over several terms.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cluster } from "../support/Cluster.ts"

const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]
const followers = {
  n2: { scenario: "(a) misses one entry", log: [1, 1, 1, 4, 4, 5, 5, 6, 6] },
  n3: { scenario: "(b) misses many", log: [1, 1, 1, 4] },
  n4: { scenario: "(c) has one more of the last term", log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6] },
  n5: { scenario: "(d) has two more of a later term", log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7] },
  n6: { scenario: "(e) has more of term 4 and misses the rest", log: [1, 1, 1, 4, 4, 4, 4] },
  n7: { scenario: "(f) was leader of terms 2 and 3 and committed nothing", log: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3] }
}

/** The leader for term 8, elected by (a), (b), (e) and (f): (c) and (d) have more than it has. */
const elect = () => {
  const logs = { n1: leader, ...Object.fromEntries(Object.entries(followers).map(([name, { log }]) => [name, log])) }
  const cluster = new Cluster({ voters: 7, logs }).start("n1", "n2", "n3", "n4", "n5", "n6", "n7")
  for (let elections = 0; cluster.state("n1").role._tag !== "Leader"; elections++) {
    assert.isBelow(elections, 3)
    cluster.timeout("n1")
    for (let rounds = 0; rounds < 4; rounds++) cluster.deliver(({ message }) => message._tag.endsWith("Vote"))
  }
  return cluster
}

describe("§5.3, figure 7", () => {
  it("the leader for term 8 is elected by those whose logs are no more up-to-date", () => {
    const cluster = elect()
    assert.strictEqual(cluster.state("n1").term, 8)
    assert.deepStrictEqual(cluster.names.filter((name) => cluster.state(name).votedFor === "n1"), [
      "n1",
      "n2",
      "n3",
      "n6",
      "n7"
    ])
  })

  it.each(Object.entries(followers))("%s $scenario, and ends with the leader's log", (name) => {
    const cluster = elect()
    cluster.settle(({ from, to }) => from === name || to === name)
    assert.deepStrictEqual(cluster.terms(name), [...leader, 8])
  })

  it("all of them together, and everything is committed", () => {
    const cluster = elect()
    cluster.settle()
    cluster.heartbeat("n1")
    cluster.settle()
    for (const name of cluster.names) {
      assert.deepStrictEqual(cluster.terms(name), [...leader, 8])
      assert.strictEqual(cluster.state(name).commitIndex, 11)
    }
  })
})
