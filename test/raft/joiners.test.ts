/**
 * Nodes with an empty disk that ask to be let in: whoever leads adds them by itself, and takes the old voter out
 * and the new server in when a member comes back on another disk.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Event } from "../../src/raft/Event.ts"
import type { RaftState } from "../../src/raft/RaftState.ts"
import {
  appended,
  connected,
  disconnected,
  from,
  leader,
  type NodeOptions,
  only,
  play,
  removeRequested,
  synced
} from "./support/build.ts"

const heard = (match: number, ...ids: ReadonlyArray<string>) => ids.map((id) => from(id, appended({ term: 2, match })))

/** Leads term 2; entry 2 opened the term and is committed. */
const leading = (options: NodeOptions = {}) => {
  const state = leader({ log: [1], ...options })
  return play(state, synced(state), ...heard(2, "n2")).state
}

const joins = (id: string, store = `store-${id}`): Event =>
  connected(id, { store, hasEntries: false, joins: `${id}:9081` })

/** The memberships that are appended, each as `name=store`, learners with a plus before it. */
const appendedBy = (state: RaftState, ...events: ReadonlyArray<Event>): ReadonlyArray<string> =>
  only(play(state, ...events), "PersistEntries").flatMap(({ entries }) => entries).flatMap(({ payload }) =>
    payload._tag === "Config"
      ? [
        payload.membership.members.map(({ nodeId, storeId, voter }) => `${voter ? "" : "+"}${nodeId}=${storeId}`).join(
          " "
        )
      ]
      : []
  )

const members = "n1=store-n1 n2=store-n2 n3=store-n3"

describe("An unknown node that joins", () => {
  it("becomes a learner with the store it has", () => {
    assert.deepStrictEqual(appendedBy(leading(), joins("n4")), [`${members} +n4=store-n4`])
  })

  it("is let in by nobody if it does not ask", () => {
    assert.deepStrictEqual(appendedBy(leading(), connected("n4")), [])
  })

  it("waits until the change before is committed, and is not forgotten", () => {
    const state = play(leading(), joins("n4")).state
    assert.deepStrictEqual(appendedBy(state, joins("n5")), [])
    assert.deepStrictEqual(appendedBy(state, joins("n5"), synced(state), ...heard(3, "n2")), [
      `${members} +n4=store-n4 +n5=store-n5`
    ])
  })

  it("waits for an entry of the leader's term", () => {
    const state = leader({ log: [1] })
    assert.deepStrictEqual(appendedBy(state, joins("n4")), [])
    assert.deepStrictEqual(appendedBy(state, joins("n4"), synced(state), ...heard(2, "n2")), [
      `${members} +n4=store-n4`
    ])
  })

  it("stays out once it has been removed, by the link on which it asked", () => {
    const state = play(leading(), joins("n4")).state
    const inside = play(state, synced(state), ...heard(3, "n2")).state
    const removed = play(inside, removeRequested("n4")).state
    assert.deepStrictEqual(appendedBy(removed, synced(removed), ...heard(4, "n2")), [])
    assert.deepStrictEqual(
      appendedBy(play(removed, synced(removed), ...heard(4, "n2")).state, joins("n4", "store-2")),
      [
        `${members} +n4=store-2`
      ]
    )
  })
})

describe("A member that joins on another disk", () => {
  const back = [disconnected("n3"), joins("n3", "store-new")]

  it("is a learner with the new one from then on: the old voter leaves by the same entry", () => {
    assert.deepStrictEqual(appendedBy(leading(), ...back), ["n1=store-n1 n2=store-n2 +n3=store-new"])
  })

  it("does not count until it is a voter again", () => {
    const state = play(leading(), ...back).state
    assert.deepStrictEqual(only(play(state, synced(state), ...heard(3, "n3")), "Commit"), [])
    assert.lengthOf(only(play(state, synced(state), ...heard(3, "n2")), "Commit"), 1)
  })

  it("does not rejoin if those who are left could not commit without the old one", () => {
    assert.deepStrictEqual(appendedBy(leading(), disconnected("n2"), ...back), [])
  })

  it("and is recorded as it is if its name never had a disk", () => {
    const state = leading({ recorded: ["n1", "n2"], linked: ["n2"] })
    assert.deepStrictEqual(appendedBy(state, joins("n3", "store-new")), ["n1=store-n1 n2=store-n2 n3=store-new"])
  })
})
