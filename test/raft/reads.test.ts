/**
 * What a read must not be confirmed by: only answers to messages of this very leadership, sent after the
 * read came, from voters that count, show that nobody else leads (dissertation §6.4).
 */
import { assert, describe, it } from "@effect/vitest"
import { Event } from "../../src/raft/Event.ts"
import type { RaftState } from "../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  connected,
  disconnected,
  from,
  leader,
  node,
  only,
  play,
  rejected,
  requestVote,
  sent,
  synced
} from "./support/build.ts"

const asked = Event.ReadRequested({ read: 1 })

/** Leads term 4 since entry 2, which is committed. */
const leading = (): RaftState => {
  const state = leader({ log: [1], term: 3 })
  return play(state, synced(state), from("n2", appended({ term: 4, match: 2 }))).state
}

const confirmed = (...events: ReadonlyArray<Event>): number => only(play(leading(), ...events), "ConfirmRead").length

describe("A read is not confirmed", () => {
  it("without an answer", () => {
    assert.strictEqual(confirmed(asked), 0)
  })

  it("by the answer to a round that began before it", () => {
    assert.strictEqual(confirmed(asked, from("n2", appended({ term: 4, match: 2, round: 0 }))), 0)
  })

  it("by an answer of an older term", () => {
    assert.strictEqual(confirmed(asked, from("n2", appended({ term: 3, match: 2, round: 1 }))), 0)
  })

  it("by a learner, or by a store that is not on record", () => {
    const withLearner = leader({ log: [1], voters: 3, learners: 1 })
    const answer = appended({ term: 2, match: 2, round: 1 })
    assert.lengthOf(only(play(withLearner, asked, from("n4", answer)), "ConfirmRead"), 0)
    const replaced = [disconnected("n2"), connected("n2", { store: "store-new" })]
    assert.strictEqual(confirmed(...replaced, asked, from("n2", appended({ term: 4, match: 0, round: 1 }))), 0)
  })

  it("by the refusal of a message that this node sent as the leader of an older term", () => {
    // n1 led term 2 up to round 9. One of those messages reaches n2 when it is in term 4, which n1 leads as well.
    const voter =
      play(node({ self: "n2", log: [1], term: 3 }), from("n1", requestVote({ term: 4, last: [1, 1] }))).state
    const late = appendEntries({ term: 2, prev: [1, 1], round: 9 })
    const refusal = sent(play(voter, from("n1", late)), "n1")
    assert.deepStrictEqual(refusal, [rejected({ term: 4, prev: 1, hint: [1, 1], round: 0 })])
    assert.strictEqual(confirmed(asked, ...refusal.map((message) => from("n2", message))), 0)
  })

  it("by a node that no longer leads", () => {
    const { actions } = play(leading(), asked, from("n2", requestVote({ term: 5, last: [2, 4] })))
    assert.deepStrictEqual(only({ actions }, "ConfirmRead"), [])
  })
})

describe("A read is confirmed", () => {
  it("by a majority that has answered a message sent after it came, whatever the answer says of the log", () => {
    assert.strictEqual(confirmed(asked, from("n3", appended({ term: 4, match: 0, round: 1 }))), 1)
    assert.strictEqual(confirmed(asked, from("n3", rejected({ term: 4, prev: 2, hint: [1, 1], round: 1 }))), 1)
  })

  it("once", () => {
    const answer = appended({ term: 4, match: 2, round: 1 })
    assert.strictEqual(confirmed(asked, from("n2", answer), from("n3", answer), from("n2", answer)), 1)
  })

  it("together with all that came before it", () => {
    const second = Event.ReadRequested({ read: 2 })
    assert.strictEqual(confirmed(asked, second, from("n2", appended({ term: 4, match: 2, round: 1 }))), 1)
    assert.strictEqual(confirmed(asked, second, from("n2", appended({ term: 4, match: 2, round: 2 }))), 2)
  })
})
