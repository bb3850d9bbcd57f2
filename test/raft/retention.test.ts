/**
 * What is kept of the log behind a snapshot (§7), so that who is a little behind gets entries, and not one snapshot
 * after the other.
 */
import { assert, describe, it } from "@effect/vitest"
import { defaultSettings, type RaftState } from "../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  connected,
  disconnected,
  from,
  leader,
  node,
  only,
  play,
  rejected,
  sent,
  snapshotOf,
  snapshotTaken,
  synced,
  tagsOf
} from "./support/build.ts"

const keepsNothing = { ...defaultSettings, retainedEntries: 0 }

/** A follower that has heard that all of this is committed. */
const follower = (log: ReadonlyArray<number>, settings = keepsNothing) =>
  play(
    node({ self: "n2", log, settings }),
    from("n1", appendEntries({ term: log.at(-1)!, prev: [log.length, log.at(-1)!], commit: log.length }))
  ).state

describe("§7, entries are kept for who is a little behind", () => {
  const log = [1, 1, 1, 1, 1, 1, 1, 1]
  const compactedTo = (state: RaftState, index: number) =>
    only(play(state, snapshotTaken(snapshotOf(index, 1))), "CompactLog").map(({ to }) => Number(to))

  it("so many behind the snapshot, always", () => {
    const keeps = (retainedEntries: number) => follower(log, { ...defaultSettings, retainedEntries })
    assert.deepStrictEqual([0, 3, 6, 7, 100].map((count) => compactedTo(keeps(count), 7)), [[7], [4], [1], [], []])
  })

  it("but no more bytes than allowed", () => {
    const keeps = (retainedBytes: number) => follower(log, { ...defaultSettings, retainedEntries: 5, retainedBytes })
    assert.deepStrictEqual([0, 66, 3 * 66, 1000].map((bytes) => compactedTo(keeps(bytes), 7)), [[7], [6], [4], [2]])
  })

  const leading = (settings = keepsNothing) => {
    const state = leader({ log: log.slice(1), settings })
    return play(state, synced(state), from("n2", appended({ term: 2, match: 8 }))).state
  }

  it("by a leader as far back as a connected follower has acknowledged", () => {
    assert.deepStrictEqual(compactedTo(leading(), 7), [7])
    const behind = play(leading(), from("n3", appended({ term: 2, match: 3 }))).state
    assert.deepStrictEqual(compactedTo(behind, 7), [3])
    assert.deepStrictEqual(compactedTo(play(behind, disconnected("n3")).state, 7), [7])
    assert.deepStrictEqual(compactedTo({ ...behind, settings: { ...keepsNothing, retainedBytes: 3 * 66 } }, 7), [4])
  })

  it("by a leader from the snapshot on that is on its way, so that it needs no other one after it", () => {
    const compacted = play(leading(), snapshotTaken(snapshotOf(5, 1))).state
    const waiting = play(compacted, from("n3", rejected({ term: 2, prev: 7, hint: [1, 1] })))
    assert.lengthOf(only(waiting, "SendSnapshot"), 1)
    const { actions, state } = play(waiting.state, snapshotTaken(snapshotOf(7, 1)))
    assert.deepStrictEqual(actions, [])
    assert.deepStrictEqual(
      sent(play(state, from("n3", appended({ term: 2, match: 5 }))), "n3").map(({ _tag }) => _tag),
      [
        "AppendEntries"
      ]
    )
  })

  it("and a follower that is too far behind is sent the snapshot at once", () => {
    const behind = play(leading(), from("n3", appended({ term: 2, match: 3 }))).state
    const lost = play(behind, disconnected("n3"), connected("n3")).state
    const after = play({ ...lost, settings: { ...keepsNothing, retainedBytes: 0 } }, snapshotTaken(snapshotOf(7, 1)))
    assert.deepStrictEqual(tagsOf(after), ["CompactLog", "SendSnapshot"])
  })
})
