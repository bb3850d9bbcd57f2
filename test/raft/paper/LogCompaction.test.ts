/**
 * Log compaction (§7 and figure 13), in the paper's own words.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Compaction from "../../../src/raft/Compaction.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { Event } from "../../../src/raft/Event.ts"
import { defaultSettings, isLeading, type RaftState } from "../../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  assertHas,
  connected,
  disconnected,
  entriesOf,
  from,
  installSnapshot,
  leader,
  membershipOf,
  node,
  only,
  play,
  rejected,
  requestVote,
  sent,
  snapshotFailed,
  snapshotOf,
  snapshotTaken,
  synced,
  tagsOf,
  termsOf,
  vote
} from "../support/build.ts"

const keepsNothing = { ...defaultSettings, retainedEntries: 0 }
const at = (index: number) => LogIndex.make(index)

/** A follower that has heard that all of this is committed. */
const follower = (log: ReadonlyArray<number>, settings = keepsNothing) =>
  play(
    node({ self: "n2", log, settings }),
    from("n1", appendEntries({ term: log.at(-1)!, prev: [log.length, log.at(-1)!], commit: log.length }))
  ).state

/** A leader of term 3 whose log of `log` is committed and compacted as far as its snapshot of entry 4. */
const compactedLeader = (settings = keepsNothing) => leader({ log: [1, 1, 2, 2, 2], snapshot: 4, start: 4, settings })

const progressOf = (state: RaftState, peer: string) =>
  isLeading(state) ? [...state.role.progress].find(([id]) => id === peer)?.[1] : undefined

describe("§7, snapshots", () => {
  it("Each server takes snapshots independently, covering just the committed entries in its log.", () => {
    const state = follower([1, 1, 1])
    const { actions, state: after } = play(state, snapshotTaken(Compaction.snapshotAt(state, state.commitIndex)))
    assert.deepStrictEqual(tagsOf({ actions }), ["CompactLog"])
    assert.strictEqual(after.snapshot?.index, 3)
  })

  it("the last included index is the index of the last entry […] the snapshot replaces […]", () => {
    assertHas(Compaction.snapshotAt(follower([1, 1, 2]), at(2)), { index: 2, term: 1 })
    assertHas(Compaction.snapshotAt(follower([1, 1, 2]), at(3)), { index: 3, term: 2 })
  })

  it("These are preserved to support the AppendEntries consistency check for the first log entry following […]", () => {
    const state = node({ self: "n2", log: [1, 1, 2], snapshot: 3, start: 3 })
    const answer = (prev: readonly [number, number]) =>
      sent(play(state, from("n1", appendEntries({ term: 3, prev, entries: entriesOf([3], {}, 4) }))), "n1")
    assert.deepStrictEqual(answer([3, 2]), [appended({ term: 3, match: 4 })])
    assert.deepStrictEqual(answer([3, 1]), [rejected({ term: 3, prev: 3, hint: [3, 2] })])
  })

  it("the snapshot also includes the latest configuration in the log as of last included index.", () => {
    const state = follower([1, 1, 1])
    assertHas(Compaction.snapshotAt(state, at(2)), { configIndex: 1, membership: membershipOf() })
    const learner = { membership: membershipOf({ learners: 1 }), configIndex: at(2) }
    const restarted = node({ log: [1, 1, 1], snapshot: 3, start: 3 })
    assert.strictEqual(restarted.configs.length, 1)
    assertHas(
      Compaction.snapshotAt(
        { ...state, configs: [...state.configs, { index: at(2), membership: learner.membership }] },
        at(3)
      ),
      learner
    )
  })

  it("Once a server completes writing a snapshot, it may delete all log entries up through the last […]", () => {
    const { actions, state } = play(follower([1, 1, 2, 2]), snapshotTaken(snapshotOf(3, 2)))
    assert.deepStrictEqual(only({ actions }, "CompactLog").map(({ to }) => Number(to)), [3])
    assert.deepStrictEqual([termsOf(state), Number(state.log.lastIndex)], [[2], 4])
  })

  it("and a snapshot that is older than the newest one changes nothing", () => {
    const state = play(follower([1, 1, 1]), snapshotTaken(snapshotOf(2, 1))).state
    for (const index of [1, 2]) assert.strictEqual(play(state, snapshotTaken(snapshotOf(index, 1))).state, state)
  })

  it("a node that starts has committed what its snapshot covers, and no more", () => {
    const state = node({ log: [1, 1, 2, 2], snapshot: 3, start: 2 })
    assert.deepStrictEqual([Number(state.commitIndex), termsOf(state)], [3, [2, 2]])
  })

  it("a log that does not fit its snapshot stops the node at its start", () => {
    assert.throws(() => node({ log: [1, 1], start: 2 }), /recovery \(§7\)/)
    assert.throws(() => node({ log: [1, 1, 1], snapshot: 1, start: 2 }), /recovery \(§7\)/)
  })

  it("a log without entries votes and stands for election by where it starts (§5.4.1)", () => {
    const state = node({ log: [1, 2], snapshot: 2, start: 2 })
    const answer = (last: readonly [number, number]) => sent(play(state, from("n2", requestVote({ term: 3, last }))))
    assert.deepStrictEqual(answer([2, 2]), [vote({ term: 3 })])
    assert.deepStrictEqual(answer([1, 2]), [vote({ term: 3, granted: false })])
    assert.strictEqual(leader({ log: [1, 2], snapshot: 2, start: 2 }).log.lastIndex, 3)
  })
})

describe("§7, the leader must occasionally send snapshots to followers that lag behind", () => {
  const asksForMore = from("n2", rejected({ term: 3, prev: 5, hint: [2, 1] }))

  it("when the leader has already discarded the next log entry that it needs to send to a follower.", () => {
    const { actions, state } = play(compactedLeader(), asksForMore)
    assert.deepStrictEqual(tagsOf({ actions }), ["SendSnapshot"])
    assert.deepStrictEqual(sent({ actions }, "n2"), [
      installSnapshot({ term: 3, snapshot: snapshotOf(4, 2), round: 0 })
    ])
    assert.strictEqual(progressOf(state, "n2")?.mode, "Snapshot")
  })

  it("also when the logs agree nowhere behind the snapshot, though the follower's is longer", () => {
    const conflicts = from("n2", rejected({ term: 3, prev: 5, hint: [5, 1] }))
    assert.deepStrictEqual(tagsOf(play(compactedLeader(), conflicts)), ["SendSnapshot"])
  })

  it("a follower that has kept up with the leader would already have this entry", () => {
    const { actions } = play(compactedLeader(), from("n2", rejected({ term: 3, prev: 5, hint: [4, 2] })))
    assert.deepStrictEqual(tagsOf({ actions }), ["Send"])
    assertHas(sent({ actions }, "n2")[0], { prevLogIndex: 4, prevLogTerm: 2 })
  })

  it("while a snapshot is on its way the follower gets heartbeats behind it, and nothing else", () => {
    const waiting = play(compactedLeader(), asksForMore).state
    assert.deepStrictEqual(sent(play(waiting, Event.Proposed({ bytes: Uint8Array.of(1), time: 0 })), "n2"), [])
    const beat = play(waiting, Event.HeartbeatDue({ term: waiting.term }))
    assert.deepStrictEqual(sent(beat, "n2"), [appendEntries({ term: 3, prev: [4, 2], commit: 4 })])
    const notYet = play(waiting, from("n2", rejected({ term: 3, prev: 4, hint: [2, 1] })))
    assert.deepStrictEqual(notYet.actions, [])
    assert.isTrue(progressOf(notYet.state, "n2")?.active)
  })

  it("an acknowledgement of the snapshot, or of a heartbeat behind it, ends it: the rest follows as entries", () => {
    const waiting = play(compactedLeader(), asksForMore).state
    const { actions, state } = play(waiting, from("n2", appended({ term: 3, match: 4 })))
    assertHas(progressOf(state, "n2"), { mode: "Replicate", matchIndex: 4, nextIndex: 7 })
    assertHas(sent({ actions }, "n2")[0], { prevLogIndex: 4, prevLogTerm: 2 })
  })

  it("one that failed is sent again, but not before the follower has answered the next heartbeat", () => {
    const failed = play(compactedLeader(), asksForMore, snapshotFailed("n2", 4))
    assert.deepStrictEqual(only(failed, "SendSnapshot").length, 1)
    const beat = play(failed.state, Event.HeartbeatDue({ term: failed.state.term }))
    assert.deepStrictEqual(sent(beat, "n2"), [appendEntries({ term: 3, prev: [6, 3], commit: 4 })])
    const again = play(beat.state, from("n2", rejected({ term: 3, prev: 6, hint: [2, 1] })))
    assert.deepStrictEqual(tagsOf(again), ["SendSnapshot"])
  })

  it("a failure that is told late, of another snapshot or of none, changes nothing", () => {
    const waiting = play(compactedLeader(), asksForMore).state
    assert.strictEqual(play(waiting, snapshotFailed("n2", 3)).state, waiting)
    assert.strictEqual(play(waiting, snapshotFailed("n3", 4)).state, waiting)
    const state = follower([1, 1])
    assert.strictEqual(play(state, snapshotFailed("n1", 2)).state, state)
  })

  it("a follower that comes back is asked what it has before it is sent one again", () => {
    const waiting = play(compactedLeader(), asksForMore).state
    const back = play(waiting, disconnected("n2"), connected("n2"))
    assert.deepStrictEqual(only(back, "SendSnapshot"), [])
    assert.strictEqual(progressOf(back.state, "n2")?.mode, "Probe")
  })

  it("also when all that it may lack has been compacted away meanwhile", () => {
    const state = leader({ log: [1, 1, 1, 1], settings: keepsNothing })
    const gone = play(state, from("n2", appended({ term: 2, match: 2 })), disconnected("n2")).state
    const committed = play(gone, synced(gone), from("n3", appended({ term: 2, match: 5 }))).state
    const back = play(committed, snapshotTaken(snapshotOf(4, 1)), connected("n2"))
    assert.deepStrictEqual(only(back, "SendSnapshot"), [])
    assert.deepStrictEqual(sent(back, "n2"), [appendEntries({ term: 2, prev: [5, 2], commit: 5 })])
  })

  it("it is the newest one that is sent, and a newer one does not stop what is on its way", () => {
    const waiting = play(compactedLeader(), asksForMore).state
    const acknowledged = play(waiting, synced(waiting), from("n3", appended({ term: 3, match: 6 }))).state
    const settings = { ...keepsNothing, retainedBytes: 0 }
    const newer = play({ ...acknowledged, settings }, snapshotTaken(snapshotOf(6, 3)))
    assert.deepStrictEqual(tagsOf(newer), ["CompactLog"])
    const beat = play(newer.state, Event.HeartbeatDue({ term: waiting.term }))
    assert.deepStrictEqual(sent(beat, "n2"), [appendEntries({ term: 3, prev: [4, 2], commit: 6 })])
    const installed = play(newer.state, from("n2", appended({ term: 3, match: 4 })))
    assert.deepStrictEqual(sent(installed, "n2"), [installSnapshot({ term: 3, snapshot: snapshotOf(6, 3) })])
  })
})
