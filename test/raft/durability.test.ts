/**
 * Nothing that promises durability leaves before it is on disk (figure 2, "respond to RPCs after updating
 * on stable storage"; dissertation §10.2.1), and what is not promised does not wait.
 */
import { assert, describe, it } from "@effect/vitest"
import { LogIndex, Term } from "../../src/raft/Entry.ts"
import { Event } from "../../src/raft/Event.ts"
import * as RaftCore from "../../src/raft/RaftCore.ts"
import {
  appended,
  appendEntries,
  entriesOf,
  from,
  leader,
  node,
  only,
  play,
  proposed,
  requestVote,
  sent,
  synced,
  tagsOf,
  termsOf,
  timedOut,
  vote
} from "./support/build.ts"

describe("What promises durability waits for the sync", () => {
  const follower = node({ self: "n2", log: [1, 1] })

  it("a vote, and its request", () => {
    const granted = play(follower, from("n1", requestVote({ term: 2, last: [2, 1] })))
    assert.deepStrictEqual(tagsOf(granted), [
      "PersistHardState",
      "PersistHardState",
      "ArmElectionTimer",
      "SendAfterSync"
    ])
    assert.strictEqual(only(granted, "PersistHardState").at(-1)?.hardState.votedFor, "n1")

    const asked = play(follower, timedOut(follower)).state
    const candidate = play(asked, from("n3", vote({ term: 2, preVote: true })))
    assert.strictEqual(candidate.state.role._tag, "Candidate")
    assert.deepStrictEqual(tagsOf(candidate), [
      "PersistHardState",
      "SendAfterSync",
      "SendAfterSync",
      "ArmElectionTimer"
    ])
  })

  it("an acknowledgement, behind the entries that it acknowledges", () => {
    const message = appendEntries({ term: 1, prev: [2, 1], entries: entriesOf([1], {}, 3) })
    const stored = play(follower, from("n1", message))
    assert.deepStrictEqual(tagsOf(stored), ["ArmElectionTimer", "PersistEntries", "SendAfterSync"])
    assert.deepStrictEqual(sent(stored, "n1"), [appended({ term: 1, match: 3 })])
  })

  it("a leader's count of itself (dissertation §10.2.1)", () => {
    const state = leader({ log: [1] })
    const one = play(state, from("n2", appended({ term: 2, match: 2 })))
    assert.deepStrictEqual(only(one, "Commit"), [])
    const two = play(one.state, synced(one.state))
    assert.deepStrictEqual(only(two, "Commit").map(({ index }) => Number(index)), [2])
  })

  it("and a leader may commit what it has not synced itself, when a majority of others has", () => {
    const both = ["n2", "n3"].map((name) => from(name, appended({ term: 2, match: 2 })))
    assert.strictEqual(only(play(leader({ log: [1] }), ...both), "Commit").length, 1)
  })
})

describe("What promises nothing leaves at once", () => {
  it("entries, before the leader's own disk has them (dissertation §10.2.1)", () => {
    const state = leader({ log: [1] })
    const acknowledged = play(state, from("n2", appended({ term: 2, match: 2 }))).state
    const more = play(acknowledged, proposed(7))
    assert.deepStrictEqual(tagsOf(more), ["PersistEntries", "Send"])
  })

  it("pre-votes, their answers and heartbeats", () => {
    const state = node({ log: [1] })
    assert.deepStrictEqual(tagsOf(play(state, timedOut(state))), ["ArmElectionTimer", "Send", "Send"])
    const answered = play(state, from("n2", requestVote({ term: 2, last: [1, 1], preVote: true })))
    assert.deepStrictEqual(tagsOf(answered), ["Send"])
  })
})

describe("The log on disk speaks only for the term it was written in", () => {
  it("a sync that an older term asked for counts nothing", () => {
    const state = leader({ log: [1], term: 4 })
    const late = Event.Persisted({ term: Term.make(4), index: LogIndex.make(2) })
    const counted = play(state, from("n2", appended({ term: 5, match: 2 })), late)
    assert.deepStrictEqual(only(counted, "Commit"), [])
  })
})

describe("In a batch", () => {
  it("an acknowledgement is dropped when a later message of the batch has brought a newer term", () => {
    const follower = node({ self: "n2", log: [1] })
    const [state, actions] = RaftCore.steps(follower, [
      from("n1", appendEntries({ term: 1, prev: [1, 1], entries: entriesOf([1], {}, 2) })),
      from("n3", appendEntries({ term: 2, prev: [1, 1], entries: entriesOf([2], {}, 2) }))
    ])
    assert.deepStrictEqual(sent({ actions }, "n1"), [])
    assert.deepStrictEqual(sent({ actions }, "n3"), [appended({ term: 2, match: 2 })])
    assert.deepStrictEqual(only({ actions }, "PersistEntries").map(({ entries }) => entries.map(({ term }) => term)), [
      [Term.make(1)],
      [Term.make(2)]
    ])
    assert.deepStrictEqual(termsOf(state), [1, 2])
  })

  it("acknowledgements of the term that the batch ends in all leave, in order", () => {
    const follower = node({ self: "n2", log: [1] })
    const [, actions] = RaftCore.steps(follower, [
      from("n1", appendEntries({ term: 1, prev: [1, 1], entries: entriesOf([1], {}, 2) })),
      from("n1", appendEntries({ term: 1, prev: [2, 1], entries: entriesOf([1], {}, 3), round: 4 }))
    ])
    assert.deepStrictEqual(sent({ actions }, "n1"), [
      appended({ term: 1, match: 2 }),
      appended({ term: 1, match: 3, round: 4 })
    ])
  })
})

describe("A sole voter that leads a learner", () => {
  const group = { log: [1], voters: 1, learners: 1 }

  it("lets nobody hear of its term before its term is on disk: after a crash it would lead the same term again", () => {
    const begun = play(node(group), timedOut(node(group)), proposed(7))
    assert.strictEqual(begun.state.role._tag, "Leader")
    assert.deepStrictEqual(only(begun, "Send"), [])
    assert.isNotEmpty(only(begun, "SendAfterSync"))
  })

  it("waits for its disk no longer once its term is there", () => {
    const begun = play(node(group), timedOut(node(group))).state
    const later = play(begun, synced(begun), from("n2", appended({ term: 2, match: 2 })), proposed(7))
    assert.isNotEmpty(only(later, "Send"))
    assert.deepStrictEqual(only(later, "SendAfterSync"), [])
  })
})
