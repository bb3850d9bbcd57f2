/**
 * Recorded stores, a rule of our own (docs/divergence.md): a voter counts only with the disk that the
 * latest membership in the log names for it, so that a wiped disk cannot forget a promise and be counted.
 */
import { assert, describe, it } from "@effect/vitest"
import { membersOf, type RaftState } from "../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  connected,
  disconnected,
  entriesOf,
  from,
  leader,
  namesOf,
  node,
  only,
  play,
  requestVote,
  sent,
  storeOf,
  synced,
  timedOut,
  vote
} from "./support/build.ts"

const storesOf = (state: RaftState): Record<string, string | null> =>
  Object.fromEntries(membersOf(state).map(({ nodeId, storeId }) => [nodeId, storeId]))

const roleAfter = (state: RaftState, ...votes: ReadonlyArray<ReturnType<typeof from>>): string =>
  play(play(state, timedOut(state)).state, ...votes).state.role._tag

describe("A vote counts only from the store that the candidate's log records", () => {
  const yes = (voter: string) => from(voter, vote({ term: 2, preVote: true }))

  it("counts the recorded store", () => {
    assert.strictEqual(roleAfter(node({ log: [1] }), yes("n2")), "Candidate")
  })

  it("does not count another store under a recorded name", () => {
    const wiped = play(node({ log: [1] }), disconnected("n2"), connected("n2", { store: "store-new" })).state
    assert.strictEqual(roleAfter(wiped, yes("n2")), "PreCandidate")
  })

  it("does not count a store that is not recorded yet", () => {
    assert.strictEqual(roleAfter(node({ log: [1], recorded: ["n1", "n2"] }), yes("n3")), "PreCandidate")
  })

  it("does not count a voter whose store nobody knows, because its link is down", () => {
    const unlinked = node({ log: [1], recorded: ["n1", "n2"], linked: ["n2"] })
    assert.strictEqual(roleAfter(unlinked, yes("n3")), "PreCandidate")
    assert.strictEqual(roleAfter(node({ log: [1], linked: [] }), yes("n2")), "PreCandidate")
    assert.strictEqual(roleAfter(node({ linked: [] }), from("n2", vote({ term: 1, preVote: true }))), "PreCandidate")
  })

  it("stands for election itself only with a recorded store", () => {
    assert.strictEqual(roleAfter(node({ log: [1], recorded: ["n2", "n3"] })), "Follower")
  })
})

describe("The first leader records the stores it knows in entry 1", () => {
  const foundedBy = (voters: number, ...events: ReadonlyArray<ReturnType<typeof from>>) => {
    const asked = play(node({ voters }), timedOut(node({ voters }))).state
    const preVotes = namesOf(voters).slice(1).map((name) => from(name, vote({ term: 1, preVote: true })))
    const { state } = play(asked, ...preVotes, ...events)
    assert.strictEqual(state.role._tag, "Leader")
    return storesOf(state)
  }

  it("of those whose votes it won with and of everybody else who is linked", () => {
    assert.deepStrictEqual(foundedBy(3, from("n3", vote({ term: 1 }))), {
      n1: storeOf("n1"),
      n2: storeOf("n2"),
      n3: storeOf("n3")
    })
  })

  it("the store that voted, also when the link has gone since, so that entry 1 can commit", () => {
    const votes = [from("n2", vote({ term: 1 })), disconnected("n2"), disconnected("n4"), from("n3", vote({ term: 1 }))]
    assert.deepStrictEqual(foundedBy(5, ...votes), {
      n1: storeOf("n1"),
      n2: storeOf("n2"),
      n3: storeOf("n3"),
      n4: null,
      n5: storeOf("n5")
    })
  })

  it("the store that voted, and not the empty disk that has taken its place since", () => {
    const replaced = [disconnected("n2"), connected("n2", { store: "store-new", hasEntries: false })]
    const votes = [from("n2", vote({ term: 1 })), ...replaced, from("n3", vote({ term: 1 }))]
    assert.strictEqual(foundedBy(5, ...votes)["n2"], storeOf("n2"))
  })
})

describe("An empty store", () => {
  it("votes for a log that has begun, or a first leader that fell before it spoke would block the start", () => {
    const { actions, state } = play(node({ self: "n2" }), from("n1", requestVote({ term: 2, last: [1, 1] })))
    assert.strictEqual(state.votedFor, "n1")
    assert.deepStrictEqual(sent({ actions }, "n1"), [vote({ term: 2 })])
  })

  it("that asks to be let in founds nothing: it votes only for a log that has begun", () => {
    const state = node({ self: "n4", voters: 4 })
    const asking = { ...state, initialMembers: state.initialMembers.filter(({ nodeId }) => nodeId !== state.self) }
    for (const preVote of [true, false]) {
      const answer = (last: readonly [number, number]) =>
        sent(play(asking, from("n1", requestVote({ term: 2, last, preVote }))), "n1")
      assert.deepStrictEqual(answer([0, 0]), [vote({ term: preVote ? 0 : 2, preVote, granted: false })])
      assert.deepStrictEqual(answer([1, 1]), [vote({ term: 2, preVote })])
    }
  })

  it("campaigns when no peer has entries", () => {
    const state = play(node(), connected("n2", { hasEntries: false }), connected("n3", { hasEntries: false })).state
    assert.strictEqual(roleAfter(state), "PreCandidate")
  })

  it("does not campaign while a reachable peer has entries: it may have been wiped", () => {
    const state = play(node(), connected("n2", { hasEntries: false }), connected("n3", { hasEntries: true })).state
    assert.strictEqual(roleAfter(state), "Follower")
    assert.strictEqual(roleAfter(play(state, disconnected("n3")).state), "PreCandidate")
  })
})

describe("A leader records a store when it first appears", () => {
  const begun = () => leader({ log: [1], recorded: ["n1", "n2"], linked: ["n2"] })
  /** The opening entry is on the disks of n1 and n2, and so committed. */
  const opened = () => {
    const state = begun()
    return play(state, synced(state), from("n2", appended({ term: 2, match: 2 }))).state
  }

  it("by an entry of its own, once an entry of its term is committed (dissertation §4.1, as corrected)", () => {
    const tooEarly = play(begun(), connected("n3")).state
    assert.strictEqual(tooEarly.log.lastIndex, 2)
    assert.isNull(storesOf(tooEarly)["n3"])

    const { actions, state } = play(tooEarly, synced(tooEarly), from("n2", appended({ term: 2, match: 2 })))
    assert.deepStrictEqual(only({ actions }, "Commit").map(({ index }) => Number(index)), [2])
    assert.strictEqual(state.log.lastIndex, 3)
    assert.strictEqual(storesOf(state)["n3"], storeOf("n3"))
  })

  it("when its link comes up later", () => {
    assert.strictEqual(storesOf(play(opened(), connected("n3")).state)["n3"], storeOf("n3"))
  })

  it("one change at a time", () => {
    const group = { log: [1], voters: 5, recorded: ["n1", "n2", "n3"], linked: ["n2", "n3"] }
    const state = leader(group)
    const acknowledged = (match: number) => ["n2", "n3"].map((name) => from(name, appended({ term: 2, match })))
    const first = play(state, synced(state), ...acknowledged(2), connected("n4")).state
    const both = play(first, connected("n5")).state
    assert.strictEqual(storesOf(both)["n4"], storeOf("n4"))
    assert.isNull(storesOf(both)["n5"])
    assert.strictEqual(storesOf(play(both, synced(both), ...acknowledged(3)).state)["n5"], storeOf("n5"))
  })

  it("and never another one in its place", () => {
    const state = play(opened(), connected("n3"), from("n2", appended({ term: 2, match: 3 }))).state
    const replaced = play(state, disconnected("n3"), connected("n3", { store: "store-new" })).state
    assert.strictEqual(replaced.log.lastIndex, 3)
    assert.strictEqual(storesOf(replaced)["n3"], storeOf("n3"))
  })

  it("which counts from then on, as votes do: who may elect a leader can also commit for it", () => {
    const state = play(opened(), connected("n3"), disconnected("n2")).state
    const { actions } = play(state, synced(state), from("n3", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only({ actions }, "Commit").map(({ index }) => Number(index)), [3])
  })
})

describe("An acknowledgement counts only from the recorded store", () => {
  const commitsOf = (state: RaftState, ...events: ReadonlyArray<ReturnType<typeof from>>) =>
    only(play(state, synced(state), ...events), "Commit").length

  it("not from a store without a record", () => {
    const state = leader({ log: [1], recorded: ["n1", "n2"] })
    assert.strictEqual(commitsOf(state, from("n3", appended({ term: 2, match: 2 }))), 0)
    assert.strictEqual(commitsOf(state, from("n2", appended({ term: 2, match: 2 }))), 1)
  })

  it("not from another disk, and what the old one acknowledged is forgotten with it", () => {
    const state = leader({ log: [1], linked: ["n2"] })
    const replaced = [disconnected("n2"), connected("n2", { store: "store-new" })]
    assert.strictEqual(commitsOf(state, ...replaced, from("n2", appended({ term: 2, match: 2 }))), 0)
    const acknowledged = play(state, from("n2", appended({ term: 2, match: 2 })), ...replaced).state
    assert.strictEqual(commitsOf(acknowledged), 0)
  })

  it("also after a break of the link", () => {
    const state = play(leader({ log: [1] }), from("n2", appended({ term: 2, match: 2 })), disconnected("n2")).state
    assert.strictEqual(commitsOf(state), 1)
  })
})

describe("A membership that is truncated falls back to the one before it (dissertation §4.1)", () => {
  it("to the earlier entry, and to the configured members where there is none", () => {
    const [founding] = entriesOf([1], { recorded: ["n1", "n2"] })
    const [other] = entriesOf([2], { recorded: ["n2", "n3"] })
    const follower = play(
      node({ self: "n3" }),
      from("n1", appendEntries({ term: 1, prev: [0, 0], entries: [founding!] }))
    )
    assert.isNull(storesOf(follower.state)["n3"])
    const { state } = play(follower.state, from("n2", appendEntries({ term: 2, prev: [0, 0], entries: [other!] })))
    assert.strictEqual(state.configs.length, 1)
    assert.isNull(storesOf(state)["n1"])
    assert.strictEqual(storesOf(state)["n3"], storeOf("n3"))
  })
})
