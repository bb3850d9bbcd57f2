/**
 * Dissertation §3.10, leadership transfer extension: in three steps, and given up when it takes too long.
 * Each test opens with the sentence of the dissertation that it checks.
 */
import { assert, describe, it } from "@effect/vitest"
import { NodeId } from "../../../src/raft/Membership.ts"
import * as Transfer from "../../../src/raft/Transfer.ts"
import {
  appended,
  appendEntries,
  assertHas,
  connected,
  disconnected,
  from,
  leader,
  node,
  type NodeOptions,
  only,
  play,
  proposed,
  quorumChecked,
  requestVote,
  sent,
  synced,
  timeoutNow,
  transferRequested,
  vote
} from "../support/build.ts"

/** Leads term 2 with entries 1 and 2, which n2 has and n3 lacks. */
const leading = (options: NodeOptions = {}) =>
  play(leader({ log: [1], ...options }), from("n2", appended({ term: 2, match: 2 }))).state

const told = timeoutNow({ term: 2 })

describe("dissertation §3.10, leadership transfer", () => {
  it("1. The prior leader stops accepting new client requests.", () => {
    const { state } = play(leading(), transferRequested("n3"))
    assert.isTrue(Transfer.isRunning(state))
    assert.deepStrictEqual(play(state, proposed(1)).actions, [])
    assert.isFalse(Transfer.isRunning(leading()))
    assert.lengthOf(only(play(leading(), proposed(1)), "PersistEntries"), 1)
  })

  it("2. The prior leader fully updates the target server's log to match its own.", () => {
    const asked = play(leading(), transferRequested("n3"))
    assert.deepStrictEqual(sent(asked), [])
    const partly = play(asked.state, from("n3", appended({ term: 2, match: 1 })))
    assert.notDeepInclude(sent(partly), told)
    assert.deepInclude(sent(play(partly.state, from("n3", appended({ term: 2, match: 2 })))), told)
  })

  it("3. The prior leader sends a TimeoutNow request to the target server.", () => {
    assert.deepStrictEqual(sent(play(leading(), transferRequested("n2"))), [told])
  })

  it("and sends it again with each answer that finds it leading: the first may be lost", () => {
    const { state } = play(leading(), transferRequested("n2"))
    assert.deepStrictEqual(sent(play(state, from("n2", appended({ term: 2, match: 2 }))), "n2"), [told])
    assert.deepStrictEqual(sent(play(state, from("n3", appended({ term: 2, match: 2 }))), "n3"), [])
  })

  it("This request has the same effect as the target server's election timer firing, without a pre-vote.", () => {
    const follower = play(node({ self: "n2", log: [1] }), from("n1", appendEntries({ term: 1, prev: [1, 1] }))).state
    const asked = play(follower, from("n1", timeoutNow({ term: 1 })))
    assertHas(asked.state, { term: 2, votedFor: "n2" })
    const request = requestVote({ term: 2, last: [1, 1], transfer: true })
    assert.deepStrictEqual(sent(asked), [request, request])
  })

  it("It is ignored by whoever is past that term, is no voter, or asks for votes already", () => {
    const tell = from("n1", timeoutNow({ term: 1 }))
    assert.deepStrictEqual(sent(play(node({ self: "n2", log: [1], term: 2 }), tell)), [])
    assert.deepStrictEqual(sent(play(node({ self: "n4", log: [1], learners: 1 }), tell)), [])
    const candidate = play(node({ self: "n2", log: [1] }), tell).state
    assert.deepStrictEqual(sent(play(candidate, from("n1", timeoutNow({ term: 2 })))), [])
  })

  it("§4.2.3: the servers that hear the leader grant the vote that it has asked for itself", () => {
    const heard = play(node({ self: "n3", log: [1] }), from("n1", appendEntries({ term: 1, prev: [1, 1] }))).state
    const ask = (transfer: boolean) => sent(play(heard, from("n2", requestVote({ term: 2, last: [1, 1], transfer }))))
    assert.deepStrictEqual(ask(true), [vote({ term: 2 })])
    assert.deepStrictEqual(ask(false), [])
  })

  it("Its next message to the prior leader will include its new term number, causing it to step down.", () => {
    const { state } = play(leading(), transferRequested("n2"))
    const asked = play(state, from("n2", requestVote({ term: 3, last: [2, 2], transfer: true })))
    assert.strictEqual(asked.state.role._tag, "Follower")
    assert.deepStrictEqual(sent(asked), [vote({ term: 3 })])
  })

  it("After about an election timeout, the prior leader aborts the transfer and accepts client requests.", () => {
    const spoken = (state: ReturnType<typeof leading>) => play(state, from("n3", appended({ term: 2, match: 1 }))).state
    const once = spoken(play(leading(), transferRequested("n3"), quorumChecked(2)).state)
    assert.isTrue(Transfer.isRunning(once))
    const twice = spoken(play(once, quorumChecked(2)).state)
    assert.isFalse(Transfer.isRunning(twice))
    assert.lengthOf(only(play(twice, proposed(1)), "PersistEntries"), 1)
    assert.notDeepInclude(sent(play(twice, from("n3", appended({ term: 2, match: 2 })))), told)
  })

  it("and at once when it loses the target", () => {
    const { state } = play(leading(), transferRequested("n3"))
    assert.isTrue(Transfer.isRunning(play(state, disconnected("n2")).state))
    assert.isFalse(Transfer.isRunning(play(state, disconnected("n3")).state))
  })
})

describe("A transfer", () => {
  const refusalOf = (to: string | null, state = leading()) => {
    const refusal = Transfer.refusal(state, to === null ? null : NodeId.make(to))
    if (refusal !== null) assert.deepStrictEqual(play(state, transferRequested(to)), { state, actions: [] })
    return refusal
  }

  it("is refused by who does not lead, and by who has one already", () => {
    assert.strictEqual(refusalOf("n2", play(node({ log: [1] })).state), "not-leader")
    assert.strictEqual(refusalOf("n2", play(leading(), transferRequested("n3")).state), "in-progress")
  })

  it("goes to no stranger, no learner, no voter that is cut off, and to no disk that does not count", () => {
    assert.strictEqual(refusalOf("n9"), "no-such-member")
    assert.strictEqual(refusalOf("n4", leading({ learners: 1 })), "not-a-voter")
    assert.strictEqual(refusalOf("n3", play(leading(), disconnected("n3")).state), "unreachable")
    assert.strictEqual(refusalOf("n3", leading({ recorded: ["n1", "n2"] })), "unreachable")
    assert.isNull(refusalOf("n3"))
  })

  it("goes to nobody who does not understand it, and passes by such a one for the next", () => {
    const state = play(leading(), connected("n2", { takesOver: false })).state
    assert.strictEqual(refusalOf("n2", state), "unreachable")
    assert.strictEqual(refusalOf(null, play(state, disconnected("n3")).state), "unreachable")
    const { role } = play(state, transferRequested(null)).state
    assert.strictEqual(role._tag === "Leader" ? role.transfer?.to as string : null, "n3")
  })

  it("to nobody in particular goes to the voter that lacks least", () => {
    const chosen = play(leading({ voters: 5, learners: 1 }), from("n4", appended({ term: 2, match: 1 })))
    assert.deepStrictEqual(sent(play(chosen.state, transferRequested(null))), [told])
    assert.deepStrictEqual(sent(play(chosen.state, transferRequested(null)), "n2"), [told])
    assert.strictEqual(refusalOf(null, leader({ log: [1], voters: 1, learners: 1 })), "unreachable")
  })

  it("to the leader itself is done already", () => {
    assert.isNull(refusalOf("n1"))
    assert.isFalse(Transfer.isRunning(play(leading(), transferRequested("n1")).state))
  })

  it("loses nothing that was taken before it: the target has it all", () => {
    const { state } = play(leading(), proposed(1), transferRequested("n2"))
    const answered = play(state, synced(state), from("n2", appended({ term: 2, match: 3 })))
    assert.deepStrictEqual(only(answered, "Commit").map(({ index }) => index as number), [2, 3])
    assert.deepInclude(sent(answered, "n2"), told)
  })
})
