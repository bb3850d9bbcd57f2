/**
 * Rules of the core that no other test would miss if they were broken: Stryker changed them, and nothing failed.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Compaction from "../../src/raft/Compaction.ts"
import { type Entry, LogIndex, logIndex, Term } from "../../src/raft/Entry.ts"
import { Event } from "../../src/raft/Event.ts"
import * as Followers from "../../src/raft/Followers.ts"
import { type Membership, NodeId } from "../../src/raft/Membership.ts"
import * as RaftState from "../../src/raft/RaftState.ts"
import {
  addRequested,
  appended,
  connected,
  disconnected,
  from,
  leader,
  membershipOf,
  node,
  type NodeOptions,
  play,
  proposed,
  quorumChecked,
  removeRequested,
  sent,
  snapshotOf,
  synced,
  timedOut,
  timeoutNow,
  transferRequested,
  vote
} from "./support/build.ts"

/** Leads term 2; entry 2 opened the term and is committed. */
const leading = (options: NodeOptions = {}): RaftState.Leading => {
  const state = leader({ log: [1], ...options })
  const heard = ["n2", ...options.voters === 4 ? ["n3"] : []].map((id) => from(id, appended({ term: 2, match: 2 })))
  const led = play(state, synced(state), ...heard).state
  if (!RaftState.isLeading(led)) throw new Error("does not lead")
  return led
}

const progressOf = (state: RaftState.RaftState, id: string) =>
  RaftState.isLeading(state) ? state.role.progress.get(NodeId.make(id)) : undefined

const configEntry = (index: number, membership: Membership): Entry => ({
  index: LogIndex.make(index),
  term: Term.make(1),
  time: 0,
  payload: { _tag: "Config", membership }
})

describe("An index of a log", () => {
  it("is a whole number from 0 on, and nothing else", () => {
    assert.strictEqual(logIndex(0) as number, 0)
    assert.strictEqual(logIndex(2 ** 53 - 1) as number, 2 ** 53 - 1)
    for (const index of [-1, 0.5, NaN, Infinity, 2 ** 53]) assert.throws(() => logIndex(index), /no place in a log/)
  })
})

describe("A heartbeat", () => {
  it("that is due for an earlier leadership comes to nothing", () => {
    const state = leading()
    assert.lengthOf(sent(play(state, Event.HeartbeatDue({ term: Term.make(2) }))), 2)
    assert.deepStrictEqual(play(state, Event.HeartbeatDue({ term: Term.make(1) })), { state, actions: [] })
  })

  it("goes to nobody who is not connected", () => {
    const { state } = play(leading(), disconnected("n3"))
    const beaten = play(state, Event.HeartbeatDue({ term: Term.make(2) }))
    assert.deepStrictEqual(beaten.actions.map((action) => "to" in action ? action.to as string : action), ["n2"])
  })
})

describe("What a leader has taken and not committed", () => {
  it("is counted down by what each commit brings, and by nothing twice", () => {
    const two = play(leading(), proposed(1), proposed(2)).state
    const first = play(two, Event.Persisted({ term: Term.make(2), index: LogIndex.make(3) }), synced(two))
    const [one, none] = [3, 4].map((match) => play(first.state, from("n2", appended({ term: 2, match }))).state)
    assert.isTrue(RaftState.isLeading(one!) && one.role.uncommittedBytes > 0)
    const both = play(one!, from("n2", appended({ term: 2, match: 4 }))).state
    assert.isTrue(RaftState.isLeading(both) && both.role.uncommittedBytes === 0)
    assert.isTrue(RaftState.isLeading(none!) && none.role.uncommittedBytes === 0)
  })
})

describe("A leader that removes itself", () => {
  it("does not give way when what was before its removal is committed", () => {
    const state = play(leading({ voters: 4 }), proposed(1), removeRequested("n1")).state
    const heard = play(state, from("n2", appended({ term: 2, match: 3 })), from("n3", appended({ term: 2, match: 3 })))
    assert.strictEqual(heard.state.commitIndex as number, 3)
    assert.isTrue(RaftState.isLeading(heard.state))
  })
})

describe("A follower that has been removed", () => {
  const removed = play(leading({ voters: 4 }), removeRequested("n4")).state

  it("is kept until its removal is committed, though it has it itself", () => {
    const told = play(removed, from("n4", appended({ term: 2, match: 3 }))).state
    assert.isDefined(progressOf(told, "n4"))
  })

  it("is kept until it has its removal, though that is committed", () => {
    const heard = ["n2", "n3"].map((id) => from(id, appended({ term: 2, match: 3 })))
    const committed = play(removed, synced(removed), ...heard)
    assert.strictEqual(committed.state.commitIndex as number, 3)
    assert.isDefined(progressOf(play(committed.state, from("n4", appended({ term: 2, match: 2 }))).state, "n4"))
    assert.isUndefined(progressOf(play(committed.state, from("n4", appended({ term: 2, match: 3 }))).state, "n4"))
  })

  it("is let go when its link is gone, and a member is not", () => {
    assert.isUndefined(progressOf(play(removed, disconnected("n4")).state, "n4"))
    assert.isDefined(progressOf(play(removed, disconnected("n3")).state, "n3"))
  })

  it("and the link of somebody unknown changes nobody", () => {
    const state = leading()
    assert.strictEqual(Followers.lost(state, NodeId.make("n9")), state)
  })
})

describe("A learner", () => {
  it("that is connected is added with its store, and without one else", () => {
    const stores = (state: RaftState.RaftState) =>
      RaftState.membersOf(play(state, addRequested("n4")).state).map(({ storeId }) => storeId as string | null)
    assert.deepStrictEqual(stores(play(leading(), connected("n4")).state).at(-1), "store-n4")
    assert.isNull(stores(leading()).at(-1))
  })

  it("elects nobody on an empty log", () => {
    const state = node({ voters: 2, learners: 1 })
    const asked = play(state, timedOut(state), from("n3", vote({ term: 1, preVote: true })))
    assert.strictEqual(asked.state.role._tag, "PreCandidate")
    assert.strictEqual(play(asked.state, from("n2", vote({ term: 1, preVote: true }))).state.role._tag, "Candidate")
  })
})

describe("A learner that has caught up", () => {
  const votersAfter = (state: RaftState.RaftState, learner: string) => {
    const heard = RaftState.membersOf(state).map(({ nodeId }) => nodeId).filter((id) => state.links.has(id))
      .map((id) => from(id, appended({ term: 2, match: 2 })))
    const after = play(state, synced(state), ...heard, quorumChecked(2), ...heard, quorumChecked(2)).state
    return RaftState.memberOf(after, NodeId.make(learner))?.voter
  }

  it("becomes a voter if the others are a majority without it", () => {
    const state = leader({ log: [1], learners: 1 })
    assert.isTrue(votersAfter(state, "n4"))
    assert.isFalse(votersAfter(play(state, disconnected("n3")).state, "n4"))
  })

  it("becomes one beside a single voter, who alone is none", () => {
    assert.isTrue(votersAfter(leader({ log: [1], voters: 1, learners: 1 }), "n2"))
  })
})

describe("A transfer", () => {
  it("goes on after one quorum check: an answer of its target is answered", () => {
    const { state } = play(leading(), transferRequested("n3"), quorumChecked(2))
    assert.deepInclude(
      sent(play(state, from("n2", appended({ term: 2, match: 2 })), from("n3", appended({ term: 2, match: 2 }))), "n3"),
      timeoutNow({ term: 2 })
    )
  })

  it("to nobody in particular goes to who has most, though it be named last", () => {
    const heard = [["n2", 2], ["n3", 3], ["n4", 4], ["n5", 1]] as const
    const written = play(leading({ voters: 5 }), proposed(1), proposed(2)).state
    const state = play(written, ...heard.map(([id, match]) => from(id, appended({ term: 2, match })))).state
    assert.deepInclude(sent(play(state, transferRequested(null)), "n4"), timeoutNow({ term: 2 }))
  })
})

describe("Memberships behind a snapshot", () => {
  const configs = Array.from({ length: 30 }, (_, at) => configEntry(at + 1, membershipOf({ voters: 3, learners: at })))

  const started = { ...node(), hardState: { term: Term.make(1), votedFor: null } }
  const indexesOf = (state: RaftState.RaftState) => state.configs.map(({ index }) => index as number)

  it("are forgotten but for the sixteen before its own", () => {
    const state = RaftState.initial({ ...started, entries: configs })
    const [adopted] = Compaction.adopt(state, snapshotOf(25, 1, { configIndex: LogIndex.make(25) }))
    assert.deepStrictEqual(indexesOf(adopted), Array.from({ length: 22 }, (_, at) => at + 9))
  })

  it("do not come back when a node starts, and those after it do", () => {
    const state = RaftState.initial({
      ...started,
      entries: configs.slice(0, 6),
      snapshot: snapshotOf(4, 1, { configIndex: LogIndex.make(4), membership: membershipOf() })
    })
    assert.deepStrictEqual(indexesOf(state), [4, 5, 6])
    const at = (index: number) => RaftState.configAt(state, LogIndex.make(index))?.index as number | undefined
    assert.deepStrictEqual([3, 4, 5, 6, 7].map(at), [undefined, 4, 5, 6, 6])
  })
})

describe("A leader without the snapshot that its log starts behind", () => {
  it("dies instead of leaving a gap", () => {
    const state = { ...leading({ log: [1, 1, 1], snapshot: 3, start: 3 }), snapshot: null }
    const asked = () =>
      play(state, connected("n3", { store: "store-new" }), from("n3", appended({ term: 2, match: 0 })))
    assert.throws(asked, /broken invariant: compaction/)
  })
})
