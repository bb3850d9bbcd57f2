/**
 * Figure 13 of the Raft paper (§7), what the receiver of a snapshot does, in its own words.
 */
import { assert, describe, it } from "@effect/vitest"
import { LogIndex } from "../../../src/raft/Entry.ts"
import * as RaftCore from "../../../src/raft/RaftCore.ts"
import * as RaftLog from "../../../src/raft/RaftLog.ts"
import { defaultSettings, isRemoved, type RaftState } from "../../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  assertHas,
  entriesOf,
  from,
  installSnapshot,
  leader,
  membershipOf,
  node,
  only,
  play,
  rejected,
  sent,
  snapshotOf,
  snapshotTaken,
  tagsOf,
  termsOf
} from "../support/build.ts"

const keepsNothing = { ...defaultSettings, retainedEntries: 0 }
const at = (index: number) => LogIndex.make(index)

/** A follower that has heard that all of this is committed. */
const follower = (log: ReadonlyArray<number>, settings = keepsNothing) =>
  play(
    node({ self: "n2", log, settings }),
    from("n1", appendEntries({ term: log.at(-1)!, prev: [log.length, log.at(-1)!], commit: log.length }))
  ).state

describe("Figure 13, InstallSnapshot RPC, receiver implementation", () => {
  const installed = (state: RaftState, snapshot = snapshotOf(4, 2), term = 3) =>
    play(state, from("n1", installSnapshot({ term, snapshot, round: 7 })))
  const uncommitted = (log: ReadonlyArray<number>, settings = keepsNothing) => node({ self: "n2", log, settings })

  it("1. Reply immediately if term < currentTerm", () => {
    const { actions, state } = installed(node({ self: "n2", log: [1], term: 4 }))
    assert.strictEqual(state.commitIndex, 0)
    assert.deepStrictEqual(sent({ actions }), [rejected({ term: 4, prev: 4, hint: [1, 1] })])
  })

  it("follows the leader of the term, and waits a whole timeout again (§5.2)", () => {
    const { actions, state } = installed(uncommitted([1]))
    assertHas(state, { term: 3 })
    assertHas(state.role, { _tag: "Follower", leader: "n1" })
    assert.lengthOf(only({ actions }, "ArmElectionTimer"), 1)
    assert.throws(() => installed(leader({ log: [1] }), snapshotOf(4, 2), 2), /election safety/)
  })

  it("6. If existing log entry has same index and term as […] last included entry, retain […] following it", () => {
    const { actions, state } = installed(uncommitted([1, 1, 2, 2, 2]))
    assert.deepStrictEqual(only({ actions }, "InstallSnapshot").map(({ keepsLog }) => keepsLog), [true])
    assert.deepStrictEqual([termsOf(state), Number(state.log.start.index), Number(state.commitIndex)], [[2], 4, 4])
    assert.deepStrictEqual(sent({ actions }), [appended({ term: 3, match: 4, round: 7 })])
  })

  it("and what was to be retained behind a snapshot is (§7)", () => {
    const { state } = installed(uncommitted([1, 1, 2, 2, 2], { ...defaultSettings, retainedEntries: 1 }))
    assert.deepStrictEqual([termsOf(state), Number(state.log.start.index)], [[2, 2], 3])
  })

  it("7. Discard the entire log", () => {
    for (const log of [[1], [1, 1, 1, 1, 1, 1]]) {
      const { actions, state } = installed(uncommitted(log))
      assert.deepStrictEqual(only({ actions }, "InstallSnapshot").map(({ keepsLog }) => keepsLog), [false])
      assert.deepStrictEqual(only({ actions }, "CompactLog"), [])
      assert.deepStrictEqual([termsOf(state), state.log.start], [[], { index: at(4), ...lastOf(2) }])
      assertHas(state, { commitIndex: 4, snapshot: snapshotOf(4, 2) })
    }
  })

  it("8. Reset state machine using snapshot contents (and load snapshot's cluster configuration)", () => {
    const snapshot = snapshotOf(4, 2, { configIndex: at(3), membership: membershipOf({ learners: 1 }) })
    assert.deepStrictEqual(installed(uncommitted([1, 1, 1, 1, 1]), snapshot).state.configs, [
      { index: at(3), membership: snapshot.membership }
    ])
  })

  it("may show a node that it has been removed, which it remembers when it takes snapshots itself", () => {
    const without = { membership: membershipOf({ voters: 1 }) }
    const { state } = installed(follower([1, 1]), snapshotOf(4, 2, { ...without, configIndex: at(3) }))
    assert.isTrue(isRemoved(state))
    const { state: later } = play(
      state,
      from("n1", appendEntries({ term: 3, prev: [4, 2], entries: entriesOf([3], {}, 5), commit: 5 })),
      snapshotTaken(snapshotOf(5, 3, { ...without, configIndex: at(3) }))
    )
    assert.deepStrictEqual([Number(later.snapshot?.index), isRemoved(later)], [5, true])
    assert.isFalse(isRemoved(installed(follower([1, 1])).state))
  })

  it("and with the log keep the newer configurations in it (dissertation §4.1)", () => {
    const [config] = entriesOf([2], { learners: 1 })
    const follower = play(
      uncommitted([1, 1, 2, 2]),
      from("n1", appendEntries({ term: 2, prev: [4, 2], entries: [{ ...config!, index: at(5) }] }))
    ).state
    assert.deepStrictEqual(installed(follower).state.configs.map(({ index }) => Number(index)), [1, 5])
  })

  it("a snapshot of what is committed already is acknowledged, and not installed", () => {
    const state = follower([1, 1, 2, 2, 2])
    for (const snapshot of [snapshotOf(4, 2), snapshotOf(5, 2)]) {
      const { actions, state: after } = installed(state, snapshot)
      assert.deepStrictEqual(only({ actions }, "InstallSnapshot"), [])
      assert.deepStrictEqual(sent({ actions }), [appended({ term: 3, match: snapshot.index, round: 7 })])
      assert.deepStrictEqual([after.log, after.commitIndex], [state.log, state.commitIndex])
    }
  })

  it("is acknowledged only when it is durable (figure 2)", () => {
    assert.deepStrictEqual(tagsOf(installed(uncommitted([1]))), [
      "PersistHardState",
      "ArmElectionTimer",
      "InstallSnapshot",
      "SendAfterSync"
    ])
  })

  it("an acknowledgement of an older term is dropped when the batch brings a newer one", () => {
    const [, actions] = RaftCore.steps(uncommitted([1]), [
      from("n1", installSnapshot({ term: 3, snapshot: snapshotOf(4, 2) })),
      from("n3", appendEntries({ term: 4, prev: [4, 2] }))
    ])
    assert.deepStrictEqual(sent({ actions }, "n1"), [])
  })

  it("the log goes on behind it", () => {
    const { state } = installed(uncommitted([1]))
    const after =
      play(state, from("n1", appendEntries({ term: 3, prev: [4, 2], entries: entriesOf([3], {}, 5) }))).state
    assert.deepStrictEqual([RaftLog.slice(after.log, at(1), at(9)).length, Number(after.log.lastIndex)], [1, 5])
  })

  it("entries that it covers and that come late are not new", () => {
    const { state } = installed(uncommitted([1]))
    const late = play(
      state,
      from("n1", appendEntries({ term: 3, prev: [1, 1], entries: entriesOf([1, 2, 2, 3], {}, 2) }))
    )
    assert.deepStrictEqual(
      only(late, "PersistEntries").map(({ entries }) => entries.map(({ index }) => Number(index))),
      [
        [5]
      ]
    )
    assert.deepStrictEqual(sent(late), [appended({ term: 3, match: 5 })])
  })
})

const lastOf = (term: number) => ({ term: snapshotOf(1, term).term, time: 0 })
