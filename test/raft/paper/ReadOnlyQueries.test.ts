/**
 * §8 and dissertation §6.4, processing read-only queries more efficiently; dissertation §6.2, a leader
 * that is cut off steps down. Each test opens with the sentence of the paper that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import { Event } from "../../../src/raft/Event.ts"
import type { RaftState } from "../../../src/raft/RaftState.ts"
import {
  appended,
  assertHas,
  disconnected,
  from,
  leader,
  node,
  only,
  play,
  proposed,
  sent,
  synced
} from "../support/build.ts"

const read = (number: number) => Event.ReadRequested({ read: number })
const readsOf = (played: ReturnType<typeof play>) =>
  only(played, "ConfirmRead").map(({ index, read }) => [read, Number(index)])

/** Leads term 2; its opening entry 2 is committed. */
const settled = (options: Parameters<typeof leader>[0] = {}): RaftState => {
  const state = leader({ log: [1], ...options })
  return play(state, synced(state), from("n2", appended({ term: 2, match: 2 }))).state
}

describe("§8 and dissertation §6.4, read-only queries", () => {
  it("Each leader commits a blank no-op entry into the log at the start of its term.", () => {
    const { log, role } = leader({ log: [1, 1] })
    assertHas(log.buffer.at(-1), { index: log.lastIndex, term: 2, payload: { _tag: "Noop" } })
    assert.strictEqual(role.opening, log.lastIndex)
  })

  it("If the leader has not yet marked an entry from its term committed, it waits until it has done so.", () => {
    const begun = leader({ log: [1, 1] })
    const asked = play(begun, read(1), from("n2", appended({ term: 2, match: 2, round: 1 })))
    assert.deepStrictEqual(readsOf(asked), [[1, 3]], "it is to be answered when the no-op at 3 is applied")
    assert.strictEqual(asked.state.commitIndex, 0)
  })

  it("The leader saves its current commit index in a local variable readIndex.", () => {
    const busy = play(settled(), proposed(7)).state
    const asked = play(busy, read(1), synced(busy), from("n2", appended({ term: 2, match: 3, round: 1 })))
    assert.deepStrictEqual(readsOf(asked), [[1, 2]], "what is committed after the read came is not needed")
  })

  it("It issues a new round of heartbeats and waits for their acknowledgments from a majority of the cluster.", () => {
    const asked = play(settled({ voters: 5 }), from("n3", appended({ term: 2, match: 2 })), read(1))
    for (const peer of ["n2", "n3", "n4", "n5"]) assertHas(sent(asked, peer).at(-1), { round: 1, entries: [] })
    const one = play(asked.state, from("n4", appended({ term: 2, match: 0, round: 1 })))
    assert.deepStrictEqual(readsOf(one), [])
    assert.deepStrictEqual(readsOf(play(one.state, from("n5", appended({ term: 2, match: 0, round: 1 })))), [[1, 2]])
  })

  it("a sole voter is its own majority", () => {
    const begun = leader({ log: [1], voters: 1 })
    assert.deepStrictEqual(readsOf(play(begun, synced(begun), read(1))), [[1, 2]])
  })

  it("a heartbeat that was lost is made up for by the next one", () => {
    const beat = play(play(settled(), read(1)).state, Event.HeartbeatDue({ term: settled().term }))
    assertHas(sent(beat, "n2")[0], { round: 1 })
  })

  it("who does not lead answers nothing", () => {
    const follower = node({ log: [1] })
    assert.deepStrictEqual(play(follower, read(1)).actions, [])
  })
})

describe("dissertation §6.2, routing requests to the leader", () => {
  const due = (state: RaftState) => Event.QuorumCheckDue({ term: state.term })
  const heard = (state: RaftState, ...names: ReadonlyArray<string>) =>
    play(state, ...names.map((name) => from(name, appended({ term: 2, match: 0 })))).state

  it("A leader in Raft steps down if an election timeout elapses without a successful round of heartbeats.", () => {
    const checked = play(leader({ log: [1] }), due(leader({ log: [1] })))
    assert.strictEqual(checked.state.role._tag, "Follower")
    assert.deepStrictEqual(only(checked, "ArmElectionTimer").map(({ after }) => after), ["timeout"])
  })

  it("and stays in its term, with its vote, so that nobody else can be given it", () => {
    const { state } = play(leader({ log: [1] }), due(leader({ log: [1] })))
    assertHas(state, { term: 2, votedFor: state.self })
  })

  it("to a majority of its cluster", () => {
    const state = leader({ log: [1], voters: 5, learners: 1 })
    const roles = (...names: ReadonlyArray<string>) => play(heard(state, ...names), due(state)).state.role._tag
    assert.strictEqual(roles("n2", "n3"), "Leader")
    assert.strictEqual(roles("n2"), "Follower")
    assert.strictEqual(roles("n2", "n6"), "Follower", "a learner is none of the majority")
    assert.strictEqual(play(leader({ log: [1], voters: 1 }), due(state)).state.role._tag, "Leader")
  })

  it("in this election timeout, not in the one before", () => {
    const first = play(heard(leader({ log: [1] }), "n2"), due(leader({ log: [1] }))).state
    assert.strictEqual(first.role._tag, "Leader")
    assert.strictEqual(play(first, due(first)).state.role._tag, "Follower")
  })

  it("A check that an older term asked for judges nobody.", () => {
    const state = leader({ log: [1], term: 4 })
    assert.strictEqual(play(state, Event.QuorumCheckDue({ term: leader({ log: [1] }).term })).state, state)
  })

  it("The reads that wait are given up with the leadership.", () => {
    const deposed = play(settled(), read(1), disconnected("n2"), due(settled()), due(settled()))
    assert.strictEqual(deposed.state.role._tag, "Follower")
    assert.deepStrictEqual(readsOf(play(deposed.state, from("n2", appended({ term: 2, match: 2, round: 1 })))), [])
  })
})
