/**
 * Dissertation §4.2.3, disruptive servers, and §9.6, preventing disruptions when a server rejoins the
 * cluster; with the two ways in which a lost leader is found sooner than its timeout. Each test opens
 * with the sentence of the dissertation that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  appendEntries,
  assertHas,
  connected,
  disconnected,
  from,
  leader,
  leaderSilent,
  node,
  only,
  play,
  requestVote,
  sent,
  tagsOf,
  timedOut,
  vote
} from "../support/build.ts"

/** Follows n1, which has just spoken. */
const follower = () => play(node({ self: "n2", log: [1] }), from("n1", appendEntries({ term: 1, prev: [1, 1] }))).state
const ask = (preVote: boolean) => from("n3", requestVote({ term: 2, last: [1, 1], preVote }))

describe("dissertation §4.2.3, disruptive servers", () => {
  it("A server within the minimum election timeout of hearing from a current leader does not update its term.", () => {
    const heard = follower()
    const asked = play(heard, ask(false))
    assert.strictEqual(asked.state, heard)
    assert.deepStrictEqual(asked.actions, [])
  })

  it("This does not affect normal elections: when the leader has been silent, the vote is granted.", () => {
    const silent = play(follower(), leaderSilent(follower())).state
    assert.deepStrictEqual(sent(play(silent, ask(false))), [vote({ term: 2 })])
  })

  it("a silence that was broken is none", () => {
    const before = follower()
    const heard = play(before, from("n1", appendEntries({ term: 1, prev: [1, 1] })), leaderSilent(before)).state
    assert.deepStrictEqual(play(heard, ask(false)).actions, [])
  })

  it("a request of the present term is answered: it disrupts nobody", () => {
    const asked = play(follower(), from("n3", requestVote({ term: 1, last: [1, 1] })))
    assert.deepStrictEqual(sent(asked), [vote({ term: 1 })])
  })

  it("the leader itself gives way: who asks for real has found a majority that does not hear it", () => {
    assert.strictEqual(play(leader({ log: [1] }), from("n3", requestVote({ term: 3, last: [2, 2] }))).state.term, 3)
  })
})

describe("dissertation §9.6, pre-vote", () => {
  it("A candidate only increments its term if it first learns that a majority would grant it their votes.", () => {
    const state = node({ log: [1], voters: 5 })
    const asked = play(state, timedOut(state))
    assertHas(asked.state, { term: 1, votedFor: null })
    assert.deepStrictEqual(tagsOf(asked), ["ArmElectionTimer", "Send", "Send", "Send", "Send"])
    const one = play(asked.state, from("n2", vote({ term: 2, preVote: true })))
    assert.strictEqual(one.state.term, 1)
    const two = play(one.state, from("n4", vote({ term: 2, preVote: true })))
    assertHas(two.state, { term: 2, votedFor: state.self })
  })

  it("While a server is partitioned, it won't be able to increment its term.", () => {
    let state = node({ log: [1] })
    for (let timeouts = 0; timeouts < 10; timeouts++) state = play(state, timedOut(state)).state
    assert.strictEqual(state.term, 1)
  })

  it("if the candidate's log is sufficiently up-to-date", () => {
    const { actions } = play(
      node({ self: "n2", log: [1, 1] }),
      from("n3", requestVote({ term: 2, last: [1, 1], preVote: true }))
    )
    assert.deepStrictEqual(sent({ actions }), [vote({ term: 1, preVote: true, granted: false })])
  })

  it("and the voters have not received heartbeats from a valid leader for at least a baseline election timeout", () => {
    const refused = [vote({ term: 1, preVote: true, granted: false })]
    assert.deepStrictEqual(sent(play(follower(), ask(true))), refused)
    const silent = play(follower(), leaderSilent(follower())).state
    assert.deepStrictEqual(sent(play(silent, ask(true))), [vote({ term: 2, preVote: true })])
    const leads = sent(play(leader({ log: [1] }), from("n3", requestVote({ term: 3, last: [2, 2], preVote: true }))))
    assert.deepStrictEqual(leads, [vote({ term: 2, preVote: true, granted: false })])
  })

  it("A pre-vote changes nothing at the voter: not its term, not its vote, not its timer.", () => {
    const state = node({ self: "n2", log: [1] })
    const asked = play(state, ask(true))
    assert.strictEqual(asked.state, state)
    assert.deepStrictEqual(tagsOf(asked), ["Send"])
  })

  it("so it may be given to several in a term, and is none of the votes of the term", () => {
    const state = node({ self: "n2", log: [1] })
    const both = play(state, ask(true), from("n1", requestVote({ term: 2, last: [1, 1], preVote: true })))
    assert.deepStrictEqual(sent(both), [vote({ term: 2, preVote: true }), vote({ term: 2, preVote: true })])
    const asked = play(node({ log: [1] }), timedOut(node({ log: [1] })))
    assert.strictEqual(play(asked.state, from("n2", vote({ term: 2 }))).state.role._tag, "PreCandidate")
    const candidate = play(asked.state, from("n2", vote({ term: 2, preVote: true }))).state
    assert.strictEqual(play(candidate, from("n3", vote({ term: 2, preVote: true }))).state.role._tag, "Candidate")
  })

  it("A request for a term that is not newer than the voter's is refused, with the term to try above.", () => {
    const { actions } = play(node({ self: "n2", log: [1], term: 2 }), ask(true))
    assert.deepStrictEqual(sent({ actions }), [vote({ term: 2, preVote: true, granted: false })])
    const asked = play(node({ log: [1] }), timedOut(node({ log: [1] }))).state
    assertHas(play(asked, from("n2", vote({ term: 2, preVote: true, granted: false }))).state, { term: 2 })
  })

  it("Once the server receives a heartbeat from the leader itself, it will return to the follower state.", () => {
    const asked = play(follower(), timedOut(follower())).state
    assert.strictEqual(asked.role._tag, "PreCandidate")
    const { state } = play(asked, from("n1", appendEntries({ term: 1, prev: [1, 1] })))
    assertHas(state, { term: 1 })
    assert.strictEqual(state.role._tag, "Follower")
  })
})

describe("A follower that loses the connection to its leader", () => {
  it("asks soon, and no longer protects it", () => {
    const lost = play(follower(), disconnected("n1"))
    assert.deepStrictEqual(only(lost, "ArmElectionTimer").map(({ after }) => after), ["lost-leader"])
    assert.deepStrictEqual(sent(play(lost.state, ask(true))), [vote({ term: 2, preVote: true })])
  })

  it("waits as ever when it is another's connection, or when it follows nobody", () => {
    assert.deepStrictEqual(play(follower(), disconnected("n3")).actions, [])
    const candidate = play(follower(), timedOut(follower())).state
    assert.deepStrictEqual(play(candidate, disconnected("n1")).actions, [])
  })

  it("follows again when the leader speaks", () => {
    const back = play(
      follower(),
      disconnected("n1"),
      connected("n1"),
      from("n1", appendEntries({ term: 1, prev: [1, 1] }))
    )
    assert.strictEqual(only(back, "ArmElectionTimer").at(-1)?.after, "timeout")
    assert.deepStrictEqual(play(back.state, ask(false)).actions, [])
  })
})
