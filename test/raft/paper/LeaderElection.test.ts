/**
 * §5.2 Leader election. Each test opens with the sentence of the paper that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import { Event } from "../../../src/raft/Event.ts"
import type { RaftState } from "../../../src/raft/RaftState.ts"
import {
  appendEntries,
  disconnected,
  entriesOf,
  from,
  leader,
  node,
  only,
  play,
  requestVote,
  sent,
  timedOut,
  vote,
  win
} from "../support/build.ts"

const follower = (options: Parameters<typeof node>[0] = {}) => node({ log: [1], ...options })
const candidateOf = (state: RaftState) => {
  const asked = play(state, timedOut(state)).state
  const willing = ["n2", "n3"].map((name) => from(name, vote({ term: state.term + 1, preVote: true })))
  const { state: candidate } = play(asked, ...willing)
  assert.strictEqual(candidate.role._tag, "Candidate")
  return candidate
}
const candidate = (voters: number) => candidateOf(follower({ voters }))

describe("§5.2 Leader election", () => {
  it("When servers start up, they begin as followers.", () => {
    assert.strictEqual(node().role._tag, "Follower")
    assert.strictEqual(node({ log: [1, 2], term: 7, votedFor: "n1" }).role._tag, "Follower")
  })

  it("A server remains in follower state as long as it receives valid RPCs from a leader or candidate.", () => {
    const state = follower()
    const before = timedOut(state)
    for (const message of [appendEntries({ term: 1, prev: [1, 1] }), requestVote({ term: 2, last: [1, 1] })]) {
      const heard = play(state, from("n2", message))
      assert.strictEqual(only(heard, "ArmElectionTimer").at(-1)?.after, "timeout")
      assert.strictEqual(play(heard.state, before).state, heard.state, "the timer of before must be stale")
    }
  })

  it("a refused vote is no reason to wait longer (figure 2: without granting vote to candidate)", () => {
    const state = follower({ log: [1, 1] })
    assert.deepStrictEqual(
      only(play(state, from("n2", requestVote({ term: 2, last: [1, 1] }))), "ArmElectionTimer"),
      []
    )
  })

  it("Leaders send periodic heartbeats (AppendEntries RPCs that carry no log entries) to all followers.", () => {
    const state = leader({ log: [1] })
    const beat = play(state, Event.HeartbeatDue({ term: state.term }))
    assert.deepStrictEqual(["n2", "n3"].map((to) => sent(beat, to)), [
      [appendEntries({ term: 2, prev: [1, 1] })],
      [appendEntries({ term: 2, prev: [1, 1] })]
    ])
  })

  it("and who no longer leads sends none", () => {
    const state = leader({ log: [1] })
    const deposed = play(state, from("n2", vote({ term: 5, granted: false }))).state
    assert.deepStrictEqual(play(deposed, Event.HeartbeatDue({ term: state.term })).actions, [])
  })

  it("If a follower receives no communication over the election timeout, it begins an election.", () => {
    const state = follower()
    assert.strictEqual(play(state, timedOut(state)).state.role._tag, "PreCandidate")
  })

  it("To begin an election, a follower increments its current term and transitions to candidate state.", () => {
    const state = candidate(3)
    assert.strictEqual(state.term, 2)
    assert.strictEqual(state.role._tag, "Candidate")
  })

  it("It then votes for itself and issues RequestVote RPCs in parallel to each of the other servers.", () => {
    const state = follower()
    const asked = play(state, timedOut(state)).state
    const begun = play(asked, from("n3", vote({ term: 2, preVote: true })))
    assert.strictEqual(begun.state.votedFor, "n1")
    assert.deepStrictEqual(only(begun, "PersistHardState").map(({ hardState }) => hardState.votedFor), [
      begun.state.self
    ])
    const request = [requestVote({ term: 2, last: [1, 1] })]
    assert.deepStrictEqual([sent(begun, "n2"), sent(begun, "n3")], [request, request])
  })

  it("A candidate wins an election if it receives votes from a majority of the servers in the full cluster.", () => {
    const yes = (...names: ReadonlyArray<string>) => names.map((name) => from(name, vote({ term: 2 })))
    const roles = (voters: number, ...names: ReadonlyArray<string>) =>
      play(candidate(voters), ...yes(...names)).state.role._tag
    assert.strictEqual(roles(3, "n2"), "Leader")
    assert.strictEqual(roles(5, "n2"), "Candidate")
    assert.strictEqual(roles(5, "n2", "n2", "n2"), "Candidate", "a voter counts once")
    assert.strictEqual(roles(5, "n2", "n4"), "Leader")
    assert.strictEqual(win(follower({ voters: 1 })).state.role._tag, "Leader")
  })

  it("for the same term", () => {
    const state = candidateOf(candidate(3))
    assert.strictEqual(state.term, 3)
    assert.strictEqual(play(state, from("n2", vote({ term: 2 }))).state.role._tag, "Candidate")
    assert.strictEqual(play(state, from("n2", vote({ term: 3, granted: false }))).state.role._tag, "Candidate")
    assert.strictEqual(play(state, from("n2", vote({ term: 3 }))).state.role._tag, "Leader")
  })

  describe("a candidate whose vote was split", () => {
    const no = (name: string, term = 2) => from(name, vote({ term, granted: false }))
    const armed = (state: RaftState, ...events: ReadonlyArray<Event>) =>
      only(play(state, ...events), "ArmElectionTimer").map(({ after }) => after)

    it("asks again soon, once every voter that it can reach has answered", () => {
      assert.deepStrictEqual(armed(candidate(5), no("n2"), no("n3"), from("n4", vote({ term: 2 }))), [])
      assert.deepStrictEqual(armed(candidate(5), no("n2"), no("n3"), from("n4", vote({ term: 2 })), no("n5")), [
        "lost-leader"
      ])
      const alone = play(candidate(3), disconnected("n3")).state
      assert.deepStrictEqual(armed(alone, no("n2")), ["lost-leader"], "nobody waits for who is dead")
    })

    it("waits while one that it can reach has not, for that one may make it the leader", () =>
      assert.deepStrictEqual(armed(candidate(3), no("n2"), no("n2")), []))

    it("waits on for refusals of an older term, or of a question", () => {
      const alone = play(candidate(3), disconnected("n3")).state
      const question = from("n2", vote({ term: 2, preVote: true, granted: false }))
      assert.deepStrictEqual(armed(alone, no("n2", 1), question), [])
    })

    it("asks by a pre-vote, in the term in which it lost", () => {
      const alone = play(candidate(3), disconnected("n3")).state
      const { state } = play(alone, no("n2"))
      const again = play(state, timedOut(state))
      assert.strictEqual(again.state.term, 2)
      assert.deepStrictEqual(sent(again, "n2"), [requestVote({ term: 3, preVote: true, last: [1, 1] })])
    })
  })

  it("Each server will vote for at most one candidate in a given term, on a first-come-first-served basis.", () => {
    const ask = (candidate: string) => from(candidate, requestVote({ term: 2, last: [1, 1] }))
    const first = play(follower({ self: "n3" }), ask("n1"))
    assert.deepStrictEqual(sent(first, "n1"), [vote({ term: 2 })])
    const second = play(first.state, ask("n2"))
    assert.deepStrictEqual(sent(second, "n2"), [vote({ term: 2, granted: false })])
    const again = play(second.state, ask("n1"))
    assert.deepStrictEqual(sent(again, "n1"), [vote({ term: 2 })], "a request that comes again is granted again")
  })

  it("and a vote that was given before a restart stays given", () => {
    const restarted = follower({ self: "n3", term: 2, votedFor: "n1" })
    const asked = play(restarted, from("n2", requestVote({ term: 2, last: [1, 1] })))
    assert.deepStrictEqual(sent(asked, "n2"), [vote({ term: 2, granted: false })])
  })

  it("Once a candidate wins an election, it becomes leader and sends messages to all of the other servers.", () => {
    const { actions } = win(follower())
    const entries = entriesOf([2], {}, 2).map((entry) => ({ ...entry, payload: { _tag: "Noop" } as const }))
    for (const peer of ["n2", "n3"]) {
      assert.deepStrictEqual(sent({ actions }, peer).at(-1), appendEntries({ term: 2, prev: [1, 1], entries }))
    }
  })

  it("If the leader's term is at least as large as the candidate's, the candidate returns to follower state.", () => {
    for (const term of [2, 3]) {
      const { state } = play(candidate(3), from("n2", appendEntries({ term, prev: [1, 1] })))
      assert.deepStrictEqual(state.role, {
        _tag: "Follower",
        leader: state.links.keys().next().value!,
        leaderHeard: true
      })
    }
  })

  it("If the term in the RPC is smaller, then the candidate rejects the RPC and continues in candidate state.", () => {
    const answered = play(candidate(3), from("n2", appendEntries({ term: 1, prev: [1, 1] })))
    assert.strictEqual(answered.state.role._tag, "Candidate")
    assert.deepStrictEqual(sent(answered).map(({ _tag, term }) => [_tag, Number(term)]), [["AppendRejected", 2]])
  })

  it("Each candidate will time out and start a new election by incrementing its term.", () => {
    assert.strictEqual(candidateOf(candidate(3)).term, 3)
  })

  it("Each candidate restarts its randomized election timeout at the start of an election.", () => {
    const state = follower()
    const asked = play(state, timedOut(state))
    assert.deepStrictEqual(only(asked, "ArmElectionTimer").map(({ after }) => after), ["timeout"])
    const begun = play(asked.state, from("n3", vote({ term: 2, preVote: true })))
    assert.deepStrictEqual(only(begun, "ArmElectionTimer").map(({ after }) => after), ["timeout"])
    assert.strictEqual(play(begun.state, timedOut(asked.state)).state, begun.state, "the timer of before must be stale")
  })

  it("A leader that loses its term watches for the next one: its election timer runs again.", () => {
    const deposed = play(leader({ log: [1] }), from("n2", vote({ term: 5, granted: false })))
    assert.deepStrictEqual(only(deposed, "ArmElectionTimer").map(({ after }) => after), ["timeout"])
  })

  it("A candidate that learns of a newer term keeps its own timer, so that who cannot win holds nobody back.", () => {
    const told = play(candidate(3), from("n2", vote({ term: 5, granted: false })))
    assert.deepStrictEqual(only(told, "ArmElectionTimer"), [])
  })

  it("A learner has no election to win.", () => {
    const learner = node({ self: "n4", log: [1], learners: 1 })
    const { actions, state } = play(learner, timedOut(learner))
    assert.strictEqual(state.role._tag, "Follower")
    assert.deepStrictEqual(sent({ actions }), [])
    assert.deepStrictEqual(sent(play(follower({ learners: 1 }), timedOut(follower({ learners: 1 }))), "n4"), [])
  })
})
