/**
 * §5.1 Raft basics: terms as a logical clock. Each test opens with the sentence of the paper that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  appended,
  appendEntries,
  from,
  leader,
  node,
  only,
  play,
  rejected,
  requestVote,
  sent,
  termsOf,
  timedOut,
  vote,
  win
} from "../support/build.ts"

const follower = () => node({ log: [1], term: 3 })
const candidate = () =>
  play(play(follower(), timedOut(follower())).state, from("n2", vote({ term: 4, preVote: true }))).state
const states = {
  follower,
  preCandidate: () => play(follower(), timedOut(follower())).state,
  candidate,
  leader: () => leader({ log: [1], term: 3 })
}

const newer = {
  "a request for a vote": requestVote({ term: 9, last: [1, 1] }),
  "an append": appendEntries({ term: 9, prev: [1, 1] }),
  "a refused vote": vote({ term: 9, granted: false }),
  "a refused pre-vote": vote({ term: 9, granted: false, preVote: true }),
  "an acknowledgement": appended({ term: 9, match: 1 }),
  "a rejection": rejected({ term: 9, prev: 1, hint: [0, 0] })
}

describe("§5.1 Raft basics", () => {
  describe(
    "If one server's current term is smaller than the other's, then it updates its current term to the larger value. " +
      "If a candidate or leader discovers that its term is out of date, it immediately reverts to follower state.",
    () => {
      for (const [role, make] of Object.entries(states)) {
        it.each(Object.entries(newer))(`a ${role} that sees %s of a newer term`, (_, message) => {
          const { actions, state } = play(make(), from("n3", message))
          assert.strictEqual(state.term, 9)
          assert.strictEqual(state.role._tag, "Follower")
          assert.strictEqual(only({ actions }, "PersistHardState")[0]?.hardState.term, 9)
        })
      }
    }
  )

  describe("If a server receives a request with a stale term number, it rejects the request.", () => {
    for (const [role, make] of Object.entries(states)) {
      it(`a ${role} refuses the vote and the entries, and tells its term`, () => {
        const state = make()
        const asked = play(state, from("n2", requestVote({ term: 2, last: [9, 2] })))
        assert.deepStrictEqual(sent(asked), [vote({ term: state.term, granted: false })])
        assert.strictEqual(asked.state, state)
        const appends = play(state, from("n2", appendEntries({ term: 2, prev: [1, 1] })))
        assert.deepStrictEqual(sent(appends), [rejected({ term: state.term, prev: 1, hint: [1, 1] })])
        assert.strictEqual(appends.state, state)
      })
    }
  })

  it("Each server stores a current term number, which increases monotonically over time.", () => {
    const messages = [3, 5, 4, 5, 1].map((term) => from("n2", requestVote({ term, last: [1, 1] })))
    const terms = messages.map((_, at) => Number(play(follower(), ...messages.slice(0, at + 1)).state.term))
    assert.deepStrictEqual(terms, [3, 5, 5, 5, 5])
  })

  it("Each term begins with an election; a candidate that wins serves as leader for the rest of the term.", () => {
    const { state } = win(follower())
    assert.strictEqual(state.role._tag, "Leader")
    assert.strictEqual(state.term, 4)
    assert.deepStrictEqual(termsOf(state), [1, 4])
  })
})
