/**
 * Dissertation chapter 4, cluster membership changes: one server at a time. Each test opens with the sentence of
 * the dissertation that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Changes from "../../../src/raft/Changes.ts"
import { Event } from "../../../src/raft/Event.ts"
import { initial, isRemoved, type RaftState } from "../../../src/raft/RaftState.ts"
import {
  addRequested,
  appended,
  appendEntries,
  assertHas,
  connected,
  disconnected,
  entriesOf,
  from,
  leader,
  node,
  type NodeOptions,
  only,
  play,
  quorumChecked,
  rejected,
  removeRequested,
  requestVote,
  sent,
  storeOf,
  synced,
  tagsOf,
  timedOut,
  timeoutNow,
  transferRequested,
  vote
} from "../support/build.ts"

/** Leads term 2; entry 2 opened the term and is committed. */
const leading = (options: NodeOptions = {}) => {
  const state = leader({ log: [1], ...options })
  return play(state, synced(state), ...["n2", "n3"].map((id) => from(id, appended({ term: 2, match: 2 })))).state
}

/** What a change that is asked for appends, in words: a learner has a plus before it. */
const membersAfter = (state: RaftState, ...events: ReadonlyArray<Event>): string | undefined => {
  const entry = only(play(state, ...events), "PersistEntries").at(-1)?.entries.at(-1)
  return entry?.payload._tag === "Config"
    ? entry.payload.membership.members.map(({ nodeId, voter }) => `${voter ? "" : "+"}${nodeId}`).join(" ")
    : undefined
}

const refusalOf = (state: RaftState, event: Event): Changes.Refusal | null => {
  if (event._tag !== "ChangeRequested") throw new Error("asks for nothing")
  const refusal = Changes.refusal(state, event.change)
  if (refusal !== null) assert.deepStrictEqual(play(state, event), { state, actions: [] })
  return refusal
}

describe("dissertation §4.1, safety", () => {
  it("To add or remove a server, the leader appends the new configuration as an entry in its log.", () => {
    assert.strictEqual(membersAfter(leading(), addRequested("n4")), "n1 n2 n3 +n4")
    assert.strictEqual(membersAfter(leading(), removeRequested("n3")), "n1 n2")
  })

  it("The new configuration takes effect on each server as soon as it is added to that server's log.", () => {
    const removed = play(leading(), removeRequested("n3")).state
    const committed = play(removed, synced(removed))
    assert.deepStrictEqual(only(committed, "Commit"), [])
    const both = play(committed.state, from("n2", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(both, "Commit").map(({ index }) => index as number), [3])
  })

  it("A majority of the new one is needed: who is not in it any more does not count.", () => {
    const removed = play(leading(), removeRequested("n3")).state
    const heard = play(removed, synced(removed), from("n3", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(heard, "Commit"), [])
  })

  it("Further changes wait until the one before is committed.", () => {
    const state = play(leading(), addRequested("n4")).state
    assert.strictEqual(refusalOf(state, removeRequested("n3")), "in-progress")
    const committed = play(state, synced(state), from("n2", appended({ term: 2, match: 3 }))).state
    assert.isNull(refusalOf(committed, removeRequested("n3")))
  })

  it("and until an entry of the leader's term is committed (the correction of 2015)", () => {
    const state = leader({ log: [1] })
    assert.strictEqual(refusalOf(state, removeRequested("n3")), "in-progress")
    const committed = play(state, synced(state), from("n2", appended({ term: 2, match: 2 }))).state
    assert.isNull(refusalOf(committed, removeRequested("n3")))
  })

  it("A server accepts AppendEntries from a leader that is not part of the server's latest configuration.", () => {
    const stale = play(node({ self: "n3", log: [1] }), connected("n9")).state
    const followed = play(stale, from("n9", appendEntries({ term: 2, prev: [1, 1] }))).state
    assertHas(followed.role, { _tag: "Follower", leader: "n9" })
  })

  it("and so does one whose log has not begun and that was told no members", () => {
    const empty = initial({
      self: node().self,
      storeId: storeOf("n1"),
      clusterIdToMint: node().clusterIdToMint,
      initialMembers: [],
      hardState: { term: node().term, votedFor: null },
      entries: []
    })
    const followed = play(
      empty,
      connected("n2"),
      from("n2", appendEntries({ term: 1, prev: [0, 0], entries: entriesOf([1]) }))
    )
    assert.deepStrictEqual(sent(followed), [appended({ term: 1, match: 1 })])
    assert.deepStrictEqual(sent(play(empty, connected("n2"), timedOut(empty))), [])
  })

  it("A server also grants its vote to a candidate that is not part of its latest configuration.", () => {
    const stale = play(node({ self: "n3", log: [1] }), connected("n9")).state
    assert.deepStrictEqual(sent(play(stale, from("n9", requestVote({ term: 2, last: [2, 1] })))), [vote({ term: 2 })])
  })

  it("but not to one whose log ends no later than its own, which can be a member of nothing newer", () => {
    const state = play(node({ self: "n3", log: [1, 1] }), connected("n9")).state
    for (const index of [1, 2]) {
      assert.deepStrictEqual(play(state, from("n9", requestVote({ term: 9, last: [index, 1] }))), {
        state,
        actions: []
      })
    }
  })
})

describe("dissertation §4.2.1, catching up new servers", () => {
  /** Has n4 as a learner, and has ended its log at entry 2 at the last check. */
  const learning = () =>
    play(leading({ learners: 1 }), quorumChecked(2), from("n2", appended({ term: 2, match: 2 }))).state

  const caughtUp = (match: number) => [from("n4", appended({ term: 2, match })), quorumChecked(2)]

  it("A new server joins as a non-voting member: it receives the log and is not counted.", () => {
    const added = play(leading(), connected("n4"), addRequested("n4"))
    assert.lengthOf(sent(added, "n4"), 1)
    const heard = play(added.state, synced(added.state), from("n4", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(heard, "Commit"), [])
  })

  it("Once its last round was shorter than an election timeout, it is added to the cluster.", () => {
    assert.strictEqual(membersAfter(learning(), ...caughtUp(2)), "n1 n2 n3 n4")
    assert.isUndefined(membersAfter(learning(), ...caughtUp(1)))
    assert.isUndefined(membersAfter(leading({ learners: 1 }), ...caughtUp(2)))
  })

  it("not before it knows what it is: it may have been removed and added again", () => {
    const added = play(learning(), addRequested("n5")).state
    const committed = play(added, synced(added), from("n2", appended({ term: 2, match: 3 }))).state
    assert.isUndefined(membersAfter(committed, ...caughtUp(2)))
    assert.strictEqual(membersAfter(committed, ...caughtUp(3)), "n1 n2 n3 n4 +n5")
  })

  it("not while it is cut off, nor with a disk that is not recorded", () => {
    assert.isUndefined(
      membersAfter(learning(), from("n4", appended({ term: 2, match: 2 })), disconnected("n4"), quorumChecked(2))
    )
    const other = [disconnected("n4"), connected("n4", { store: "store-new" })]
    assert.isUndefined(membersAfter(learning(), ...other, ...caughtUp(2)))
  })
})

describe("dissertation §4.2.2, removing the current leader", () => {
  const removing = play(leading(), removeRequested("n1")).state

  it("A leader that is removed replicates log entries but does not count itself in majorities.", () => {
    const one = play(removing, synced(removing), from("n2", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(one, "Commit"), [])
    assert.strictEqual(one.state.role._tag, "Leader")
  })

  it("It steps down once the entry is committed, and tells another to campaign.", () => {
    const both = play(removing, ...["n2", "n3"].map((id) => from(id, appended({ term: 2, match: 3 }))))
    assert.deepStrictEqual(only(both, "Commit").map(({ index }) => index as number), [3])
    assert.strictEqual(both.state.role._tag, "Follower")
    assert.isTrue(isRemoved(both.state))
    assert.deepInclude(sent(both, "n2"), timeoutNow({ term: 2 }))
    assert.deepInclude(sent(both, "n3"), appendEntries({ term: 2, prev: [3, 2], commit: 3 }))
    assert.deepStrictEqual(sent(play(both.state, timedOut(both.state))), [])
  })

  it("Until that is committed, a server that is not part of its own latest configuration starts elections.", () => {
    const restarted = node({ log: [1, 1], voters: 3 })
    const [entry] = only(play(leading(), removeRequested("n1")), "PersistEntries")[0]!.entries
    const alone = play(restarted, from("n2", appendEntries({ term: 2, prev: [2, 1], entries: [entry!] }))).state
    const asked = play(alone, timedOut(alone), from("n2", vote({ term: 3, preVote: true })))
    assert.strictEqual(asked.state.role._tag, "PreCandidate")
    const both = play(asked.state, from("n3", vote({ term: 3, preVote: true })))
    assert.strictEqual(both.state.role._tag, "Candidate")
  })
})

describe("dissertation §4.2.3, disruptive servers", () => {
  const removed = () => {
    const state = play(leading(), removeRequested("n3")).state
    return play(state, synced(state), from("n2", appended({ term: 2, match: 3 }))).state
  }

  it("A removed server is sent the entry, and that it is committed, and then nothing more.", () => {
    const told = play(removed(), from("n3", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(sent(told, "n3"), [appendEntries({ term: 2, prev: [3, 2], commit: 3 })])
    const later = play(told.state, addRequested("n4"))
    assert.deepStrictEqual(sent(later, "n3"), [])
  })

  it("It knows then that it is removed, and does not stand for election.", () => {
    const state = node({ self: "n3", log: [1, 1] })
    const [entry] = only(play(leading(), removeRequested("n3")), "PersistEntries")[0]!.entries
    const got = play(state, from("n1", appendEntries({ term: 2, prev: [2, 1], entries: [entry!], commit: 2 }))).state
    assert.isFalse(isRemoved(got))
    const knows = play(got, from("n1", appendEntries({ term: 2, prev: [3, 2], commit: 3 }))).state
    assert.isTrue(isRemoved(knows))
    assert.deepStrictEqual(sent(play(knows, timedOut(knows))), [])
  })

  it("With its link goes what the leader knew of it.", () => {
    const { state } = play(removed(), disconnected("n3"), connected("n3"))
    assert.deepStrictEqual(sent(play(state, addRequested("n4")), "n3"), [])
  })

  it("One that lacks what was compacted away is let go, and is sent no snapshot to hear it from.", () => {
    const behind = leader({ log: [1, 1, 1, 1], start: 3, snapshot: 3 })
    const asked = from("n3", rejected({ term: 2, prev: 4, hint: [1, 1] }))
    assert.include(tagsOf(play(behind, asked)), "SendSnapshot")
    const state = play(play(behind, synced(behind)).state, from("n2", appended({ term: 2, match: 5 }))).state
    const removing = play(state, removeRequested("n3")).state
    const told = play(removing, asked)
    assert.notInclude(tagsOf(told), "SendSnapshot")
    assert.deepStrictEqual(sent(play(told.state, Event.HeartbeatDue({ term: told.state.term })), "n3"), [])
    assert.isAbove(sent(play(removing, Event.HeartbeatDue({ term: removing.term })), "n3").length, 0)
  })

  it("Nothing that it says moves the leader.", () => {
    const state = removed()
    const asks = [
      requestVote({ term: 9, last: [2, 2] }),
      vote({ term: 9, granted: false }),
      appended({ term: 9, match: 3 }),
      timeoutNow({ term: 2 })
    ]
    for (const message of asks) assert.deepStrictEqual(play(state, from("n3", message)), { state, actions: [] })
  })
})

describe("A change", () => {
  it("is refused by who does not lead, and while leadership is handed over", () => {
    assert.strictEqual(refusalOf(node({ log: [1] }), removeRequested("n3")), "not-leader")
    assert.strictEqual(refusalOf(play(leading(), transferRequested("n3")).state, addRequested("n4")), "in-progress")
  })

  it("adds nobody twice and removes nobody unknown", () => {
    assert.strictEqual(refusalOf(leading(), addRequested("n3")), "already-member")
    assert.strictEqual(refusalOf(leading(), removeRequested("n4")), "no-such-member")
  })

  it("leaves a majority that counts and can be reached", () => {
    const sole = leader({ log: [1], voters: 1, learners: 1 })
    assert.strictEqual(refusalOf(play(sole, synced(sole)).state, removeRequested("n1")), "last-voter")
    const cut = play(leading(), disconnected("n3")).state
    assert.strictEqual(refusalOf(cut, removeRequested("n2")), "last-voter")
    assert.isNull(refusalOf(cut, removeRequested("n3")))
    assert.strictEqual(
      refusalOf(leading({ recorded: ["n1", "n2"], linked: ["n2"] }), removeRequested("n2")),
      "last-voter"
    )
  })
})
