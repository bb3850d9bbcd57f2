/**
 * Figure 2 of the Raft paper, rule by rule, in its own words. The chapters beside this file look at the
 * same rules more closely.
 */
import { assert, describe, it } from "@effect/vitest"
import { Event } from "../../../src/raft/Event.ts"
import { isLeading, type RaftState } from "../../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  assertHas,
  entriesOf,
  from,
  leader,
  node,
  only,
  play,
  proposed,
  rejected,
  requestVote,
  sent,
  synced,
  termsOf,
  timedOut,
  vote,
  win
} from "../support/build.ts"

const follower = (log: ReadonlyArray<number> = [1, 1], term = 2) => node({ self: "n2", log, term })
const progressOf = (state: RaftState, peer: string) => {
  if (!isLeading(state)) throw new Error("does not lead")
  const one = [...state.role.progress].find(([id]) => id === peer)?.[1]
  return [Number(one?.matchIndex), Number(one?.nextIndex)]
}

describe("Figure 2, State", () => {
  it("Persistent state on all servers: currentTerm, votedFor, log[]", () => {
    const state = node({ log: [1, 1, 3], term: 4, votedFor: "n3" })
    assertHas(state, { term: 4, votedFor: "n3" })
    assert.deepStrictEqual(termsOf(state), [1, 1, 3])
  })

  it("Volatile state on all servers: commitIndex, initialized to 0", () => {
    assert.strictEqual(node({ log: [1, 1, 3] }).commitIndex, 0)
  })

  it("Volatile state on leaders: nextIndex, initialized to last log index + 1; matchIndex, to 0", () => {
    assert.deepStrictEqual(progressOf(leader({ log: [1, 1, 3] }), "n2"), [0, 4])
  })
})

describe("Figure 2, AppendEntries RPC, receiver implementation", () => {
  it("1. Reply false if term < currentTerm (§5.1)", () => {
    const { actions } = play(follower(), from("n1", appendEntries({ term: 1, prev: [2, 1] })))
    assert.deepStrictEqual(sent({ actions }), [rejected({ term: 2, prev: 2, hint: [2, 1] })])
  })

  it("2. Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm (§5.3)", () => {
    for (const prev of [[2, 2], [3, 1]] as const) {
      const { actions } = play(follower(), from("n1", appendEntries({ term: 2, prev })))
      assert.deepStrictEqual(sent({ actions }), [rejected({ term: 2, prev: prev[0], hint: [2, 1] })])
    }
  })

  it("3. If an existing entry conflicts with a new one, delete it and all that follow it (§5.3)", () => {
    const entries = entriesOf([1, 2], {}, 2)
    const { actions, state } = play(
      follower([1, 1, 1, 1]),
      from("n1", appendEntries({ term: 2, prev: [1, 1], entries }))
    )
    assert.deepStrictEqual(termsOf(state), [1, 1, 2])
    assert.deepStrictEqual(only({ actions }, "PersistEntries").map((action) => action.entries), [entries.slice(1)])
  })

  it("4. Append any new entries not already in the log", () => {
    const entries = entriesOf([1, 2, 2], {}, 2)
    const { state } = play(follower(), from("n1", appendEntries({ term: 2, prev: [1, 1], entries })))
    assert.deepStrictEqual(termsOf(state), [1, 1, 2, 2])
  })

  it("5. If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)", () => {
    const entries = entriesOf([1], {}, 2)
    const commitAfter = (commit: number) =>
      Number(
        play(follower([1]), from("n1", appendEntries({ term: 2, prev: [1, 1], entries, commit }))).state.commitIndex
      )
    assert.deepStrictEqual([0, 1, 2, 9].map(commitAfter), [0, 1, 2, 2])
  })
})

describe("Figure 2, RequestVote RPC, receiver implementation", () => {
  it("1. Reply false if term < currentTerm (§5.1)", () => {
    const { actions } = play(follower(), from("n1", requestVote({ term: 1, last: [9, 1] })))
    assert.deepStrictEqual(sent({ actions }), [vote({ term: 2, granted: false })])
  })

  it("2. If votedFor is null or candidateId, and its log is at least as up-to-date, grant vote (§5.2, §5.4)", () => {
    const granted = (votedFor: string | undefined, last: readonly [number, number]) => {
      const voter = node({ self: "n2", log: [1, 1], term: 2, ...(votedFor ? { votedFor } : {}) })
      return sent(play(voter, from("n1", requestVote({ term: 2, last })))).map((message) =>
        message._tag === "Vote" && message.granted
      )
    }
    assert.deepStrictEqual(granted(undefined, [2, 1]), [true])
    assert.deepStrictEqual(granted("n1", [2, 1]), [true])
    assert.deepStrictEqual(granted("n3", [2, 1]), [false])
    assert.deepStrictEqual(granted(undefined, [1, 1]), [false])
  })
})

describe("Figure 2, Rules for servers, all", () => {
  it("If commitIndex > lastApplied: apply (§5.3); the core asks for it once whenever it rises", () => {
    const heartbeat = (commit: number) => from("n1", appendEntries({ term: 2, prev: [2, 1], commit }))
    const { actions } = play(follower(), heartbeat(1), heartbeat(1), heartbeat(2))
    assert.deepStrictEqual(only({ actions }, "Commit").map(({ index }) => Number(index)), [1, 2])
  })

  it("If RPC contains term T > currentTerm: set currentTerm = T, convert to follower (§5.1)", () => {
    const { state } = play(leader({ log: [1] }), from("n2", appended({ term: 7, match: 1 })))
    assertHas(state, { term: 7, votedFor: null })
    assert.strictEqual(state.role._tag, "Follower")
  })
})

describe("Figure 2, Rules for servers, followers (§5.2)", () => {
  it("Respond to RPCs from candidates and leaders", () => {
    const asked = play(follower(), from("n3", requestVote({ term: 3, last: [2, 1] })))
    assert.lengthOf(sent(asked, "n3"), 1)
    assert.lengthOf(sent(play(asked.state, from("n3", appendEntries({ term: 3, prev: [2, 1] }))), "n3"), 1)
  })

  it("If election timeout elapses without receiving AppendEntries or granting vote: convert to candidate", () => {
    assert.strictEqual(play(follower(), timedOut(follower())).state.role._tag, "PreCandidate")
    const heard = play(follower(), from("n1", appendEntries({ term: 2, prev: [2, 1] }))).state
    assert.strictEqual(play(heard, timedOut(follower())).state, heard)
  })
})

describe("Figure 2, Rules for servers, candidates (§5.2)", () => {
  const asking = () => play(follower(), timedOut(follower())).state
  const begun = () => play(asking(), from("n1", vote({ term: 3, preVote: true })))

  it("On conversion: increment currentTerm, vote for self, reset election timer, send RequestVote to all", () => {
    const { actions, state } = begun()
    assertHas(state, { term: 3, votedFor: state.self })
    assert.lengthOf(only({ actions }, "ArmElectionTimer"), 1)
    const request = [requestVote({ term: 3, last: [2, 1] })]
    assert.deepStrictEqual([sent({ actions }, "n1"), sent({ actions }, "n3")], [request, request])
  })

  it("If votes received from majority of servers: become leader", () => {
    assert.strictEqual(play(begun().state, from("n3", vote({ term: 3 }))).state.role._tag, "Leader")
  })

  it("If AppendEntries RPC received from new leader: convert to follower", () => {
    const { state } = play(begun().state, from("n3", appendEntries({ term: 3, prev: [2, 1] })))
    assert.strictEqual(state.role._tag, "Follower")
  })

  it("If election timeout elapses: start new election", () => {
    const again = play(begun().state, timedOut(begun().state), from("n3", vote({ term: 4, preVote: true })))
    assertHas(again.state, { term: 4 })
    assert.strictEqual(again.state.role._tag, "Candidate")
  })
})

describe("Figure 2, Rules for servers, leaders", () => {
  it("Upon election: send initial AppendEntries to each server; repeat during idle periods (§5.2)", () => {
    const { actions, state } = win(node({ log: [1] }))
    const beat = play(state, Event.HeartbeatDue({ term: state.term }))
    for (const peer of ["n2", "n3"]) {
      assert.strictEqual(sent({ actions }, peer).at(-1)?._tag, "AppendEntries")
      assert.strictEqual(sent(beat, peer).at(-1)?._tag, "AppendEntries")
    }
  })

  it("If command received from client: append entry to local log, respond after entry applied (§5.3)", () => {
    const { actions, state } = play(leader({ log: [1] }), proposed(7))
    assert.deepStrictEqual(termsOf(state), [1, 2, 2])
    assert.deepStrictEqual(only({ actions }, "Commit"), [], "there is nothing to apply yet, so nothing to answer")
  })

  it("If last log index >= nextIndex for a follower: send AppendEntries with log entries starting at nextIndex", () => {
    const state = play(leader({ log: [1] }), from("n2", appended({ term: 2, match: 1 })), proposed(7)).state
    assert.deepStrictEqual(progressOf(state, "n2"), [1, 4])
    const { actions } = play(leader({ log: [1] }), from("n2", appended({ term: 2, match: 1 })))
    assertHas(sent({ actions }, "n2")[0], { prevLogIndex: 1, prevLogTerm: 1 })
  })

  it("If successful: update nextIndex and matchIndex for follower (§5.3)", () => {
    const { state } = play(leader({ log: [1] }), from("n2", appended({ term: 2, match: 2 })))
    assert.deepStrictEqual(progressOf(state, "n2"), [2, 3])
  })

  it("If AppendEntries fails because of log inconsistency: decrement nextIndex and retry (§5.3)", () => {
    const { actions, state } = play(
      leader({ log: [1, 1, 1] }),
      from("n2", rejected({ term: 2, prev: 3, hint: [1, 1] }))
    )
    assert.deepStrictEqual(progressOf(state, "n2"), [0, 2])
    assertHas(sent({ actions }, "n2")[0], { prevLogIndex: 1, prevLogTerm: 1 })
  })

  it(
    "If there is an N > commitIndex, a majority of matchIndex[i] >= N, and log[N].term == currentTerm: " +
      "set commitIndex = N (§5.3, §5.4)",
    () => {
      const state = leader({ log: [1, 1] })
      const old = play(state, synced(state), from("n2", appended({ term: 2, match: 2 })))
      assert.strictEqual(old.state.commitIndex, 0)
      const own = play(old.state, from("n2", appended({ term: 2, match: 3 })))
      assert.strictEqual(own.state.commitIndex, 3)
    }
  )
})
