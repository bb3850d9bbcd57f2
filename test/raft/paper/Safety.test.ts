/**
 * §5.4 Safety: the election restriction (§5.4.1), entries of previous terms (§5.4.2), and figure 8
 * exactly. Each test opens with the sentence of the paper that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import { defaultSettings } from "../../../src/raft/RaftState.ts"
import {
  appended,
  assertHas,
  from,
  leader,
  node,
  only,
  play,
  requestVote,
  sent,
  synced,
  timedOut,
  vote
} from "../support/build.ts"
import { Cluster } from "../support/Cluster.ts"

describe("§5.4.1 Election restriction", () => {
  const answer = (log: ReadonlyArray<number>, last: readonly [index: number, term: number], preVote: boolean) => {
    const request = requestVote({ term: 9, last, preVote })
    const [message] = sent(play(node({ self: "n2", log }), from("n1", request)), "n1")
    return message?._tag === "Vote" && message.granted
  }
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<number>, readonly [number, number], boolean]> = [
    [
      "If the logs have last entries with different terms, then the log with the later term is more up-to-date.",
      [
        1,
        1,
        1
      ],
      [2, 2],
      true
    ],
    ["the log with the earlier term is not, however long it is.", [1, 2], [9, 1], false],
    ["If the logs end with the same term, then whichever log is longer is more up-to-date.", [1, 2], [3, 2], true],
    ["a shorter log of the same term is not.", [1, 2, 2], [2, 2], false],
    ["a log that is equal is as up-to-date.", [1, 2], [2, 2], true],
    ["an empty log is as up-to-date as an empty log.", [], [0, 0], true],
    ["an empty log is not as up-to-date as any other.", [1], [0, 0], false]
  ]
  for (const preVote of [false, true]) {
    it.each(cases)(`${preVote ? "pre-vote: " : ""}%s`, (_, log, last, granted) => {
      assert.strictEqual(answer(log, last, preVote), granted)
    })
  }

  it("The RPC includes information about the candidate's log.", () => {
    const state = node({ log: [1, 1, 4], term: 6 })
    assert.deepStrictEqual(sent(play(state, timedOut(state)), "n2"), [
      requestVote({ term: 7, last: [3, 4], preVote: true })
    ])
  })

  it("The voter denies its vote, and the newer term counts all the same.", () => {
    const { actions, state } = play(
      node({ self: "n2", log: [1, 2] }),
      from("n1", requestVote({ term: 9, last: [9, 1] }))
    )
    assert.deepStrictEqual(sent({ actions }), [vote({ term: 9, granted: false })])
    assertHas(state, { term: 9, votedFor: null })
  })
})

describe("§5.4.2 Committing entries from previous terms", () => {
  it("Raft never commits log entries from previous terms by counting replicas.", () => {
    const state = leader({ log: [1, 1, 2] })
    const old = play(state, synced(state), ...["n2", "n3"].map((name) => from(name, appended({ term: 3, match: 3 }))))
    assert.deepStrictEqual(only(old, "Commit"), [])
  })

  it("Once an entry from the current term has been committed, all prior entries are committed indirectly.", () => {
    const state = leader({ log: [1, 1, 2] })
    const own = play(state, synced(state), from("n2", appended({ term: 3, match: 4 })))
    assert.deepStrictEqual(only(own, "Commit").map(({ index }) => Number(index)), [4])
  })
})

/**
 * Index 1 founds the cluster. What the figure calls the entry of a term is the entry that opens it.
 *
 * ```
 *        (a)        (b)        (c)        (d)        (e)
 *   S1   1 2        1 2        1 2 4      1 3        1 2 4
 *   S2   1 2        1 2        1 2        1 3        1 2 4
 *   S3   1          1          1 2        1 3        1 2 4
 *   S4   1          1          1          1 3        1
 *   S5   1          1 3        1 3        1 3        1 3
 * ```
 */
const figure8 = () => {
  const names = ["n1", "n2", "n3", "n4", "n5"]
  // One entry at a time, so that a leader can fall between an old entry and its own.
  const settings = { ...defaultSettings, entriesBytesMax: 1, inflightMax: 1 }
  const logs = Object.fromEntries(names.map((name) => [name, [1]]))
  const cluster = new Cluster({ voters: 5, logs, settings }).start(...names)
  const elect = (name: string) => {
    for (let elections = 0; cluster.state(name).role._tag !== "Leader"; elections++) {
      assert.isBelow(elections, 4)
      cluster.timeout(name)
      for (let rounds = 0; rounds < 4; rounds++) cluster.deliver(({ message }) => message._tag.endsWith("Vote"))
    }
  }
  const replicateOne = (leader: string, follower: string) => {
    cluster.deliver(({ from, to }) => from === leader && to === follower)
    cluster.deliver(({ from, to }) => from === follower && to === leader)
  }

  // (a) S1 is leader and partially replicates the log entry at index 2.
  elect("n1")
  assert.strictEqual(cluster.state("n1").term, 2)
  replicateOne("n1", "n2")
  assert.deepStrictEqual([cluster.terms("n1"), cluster.terms("n2"), cluster.terms("n3")], [[1, 2], [1, 2], [1]])
  // (b) S1 crashes; S5 is elected leader for term 3 and accepts a different entry at log index 2.
  cluster.crash("n1")
  elect("n5")
  assert.strictEqual(cluster.state("n5").term, 3)
  assert.deepStrictEqual(cluster.terms("n5"), [1, 3])
  // (c) S5 crashes; S1 restarts, is elected leader, and continues replication.
  cluster.crash("n5")
  cluster.start("n1")
  elect("n1")
  assert.strictEqual(cluster.state("n1").term, 4)
  while (cluster.terms("n3").length < 2) replicateOne("n1", "n3")
  assert.deepStrictEqual(["n1", "n2", "n3"].map((name) => cluster.terms(name)), [[1, 2, 4], [1, 2], [1, 2]])
  return { cluster, elect, replicateOne }
}

describe("§5.4.2, figure 8", () => {
  it("(c) the log entry from term 2 has been replicated on a majority of the servers, but it is not committed", () => {
    const { cluster } = figure8()
    for (const name of ["n1", "n2", "n3"]) assert.isBelow(cluster.state(name).commitIndex, 2)
  })

  it("(d) If S1 crashes, S5 could be elected leader and overwrite the entry with its own entry from term 3", () => {
    const { cluster, elect } = figure8()
    cluster.crash("n1")
    cluster.start("n5")
    elect("n5")
    cluster.settle()
    for (const name of ["n2", "n3", "n4", "n5"]) assert.deepStrictEqual(cluster.terms(name).slice(0, 2), [1, 3])
    cluster.start("n1")
    cluster.settle()
    assert.deepStrictEqual(cluster.terms("n1"), cluster.terms("n5"))
  })

  it("(e) if S1 replicates an entry from its current term on a majority before crashing, it is committed", () => {
    const { cluster, elect, replicateOne } = figure8()
    for (const follower of ["n2", "n3"]) while (cluster.terms(follower).length < 3) replicateOne("n1", follower)
    assert.strictEqual(cluster.state("n1").commitIndex, 3)
    cluster.crash("n1")
    cluster.start("n5")
    assert.throws(() => elect("n5"), /expected 4 to be below 4/, "S5 cannot win an election")
    elect("n2")
    cluster.settle()
    for (const name of ["n2", "n3", "n4", "n5"]) assert.deepStrictEqual(cluster.terms(name).slice(0, 3), [1, 2, 4])
  })
})
