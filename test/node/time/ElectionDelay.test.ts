/**
 * When nodes stand for election: after silence at a random time; after a leader's death one after another.
 */
import { assert, describe, it } from "@effect/vitest"
import { bounds } from "../../../src/node/time/ElectionDelay.ts"
import { node } from "../../raft/support/build.ts"

const timings = {
  heartbeatMillis: 60,
  electionMillisMin: 300,
  electionMillisMax: 600,
  lostLeaderMillisMin: 5,
  lostLeaderMillisMax: 45,
  clockStepMillisMax: 300,
  clockTickMillis: 250,
  leaderWaitMillis: 2_000
}

const slotOf = (self: string, linked: ReadonlyArray<string>, more: Parameters<typeof node>[0] = {}) =>
  bounds(timings, node({ self, linked, log: [1], ...more }), "lost-leader")

describe("the delay before an election", () => {
  it("after silence is drawn from the whole range", () =>
    assert.deepStrictEqual(bounds(timings, node({ log: [1] }), "timeout"), [300, 600]))

  it("after the leader's death is a slot for each who is left, and none for the dead", () => {
    assert.deepStrictEqual(slotOf("n2", ["n3"]), [5, 10])
    assert.deepStrictEqual(slotOf("n3", ["n2"]), [25, 30])
    assert.deepStrictEqual(slotOf("n1", ["n3"]), [5, 10])
  })

  it("leaves each slot time for its election before the next one begins", () => {
    const five = { voters: 5 }
    const left = ["n1", "n2", "n4", "n5"]
    const slots = left.map((self) => slotOf(self, left.filter((name) => name !== self), five))
    assert.deepStrictEqual(slots, [[5, 7], [15, 17], [25, 27], [35, 37]])
  })

  it("has no slot for who may not vote", () => {
    const learner = { voters: 2, learners: 1 }
    assert.deepStrictEqual(slotOf("n2", ["n1", "n3"], learner), [25, 30])
  })

  it("is the first slot for who sees nobody", () => assert.deepStrictEqual(slotOf("n3", []), [5, 15]))
})
