/**
 * Whom a node lets in, by what the other side says of itself and by what this one has in its log.
 */
import { assert, describe, it } from "@effect/vitest"
import { introduce, judge } from "../../../src/node/peers/Admission.ts"
import { isOfOne } from "../../../src/node/peers/Founding.ts"
import * as GoneBack from "../../../src/node/peers/GoneBack.ts"
import * as PeerMarks from "../../../src/node/peers/PeerMarks.ts"
import type { Hello } from "../../../src/node/Transport.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../src/raft/Membership.ts"
import { membersOf, type RaftState } from "../../../src/raft/RaftState.ts"
import {
  appended,
  appendEntries,
  from,
  leader,
  node,
  play,
  removeRequested,
  storeOf,
  synced
} from "../../raft/support/build.ts"

interface Said extends Partial<Omit<Hello, "lastIndex">> {
  readonly lastIndex?: number
}

/** Of a member with three entries, unless it says otherwise. */
const hello = (id: string, said: Said = {}): Hello => ({
  nodeId: NodeId.make(id),
  storeId: storeOf(id),
  clusterId: ClusterId.make("cluster"),
  hasEntries: true,
  joins: false,
  raft: `${id}:9081`,
  http: "",
  rpc: "",
  version: "",
  boots: 1,
  ...said,
  lastIndex: LogIndex.make(said.lastIndex ?? 3)
})

const shellOf = (state: RaftState, asksToJoin = false) => ({
  hellos: new Map<NodeId, Hello>(),
  linked: new Set<NodeId>(),
  state,
  asksToJoin,
  doubted: null,
  marks: PeerMarks.make({ peers: new Map() })
})

const reasonOf = (state: RaftState, said: Hello, asksToJoin = false) =>
  judge(shellOf(state, asksToJoin), said)?.reason ?? "admitted"

/** A follower with three entries of which it knows two to be committed. */
const follower = play(
  node({ log: [1, 1, 1] }),
  from("n2", appendEntries({ term: 1, prev: [3, 1], commit: 2 })),
  from("n2", appendEntries({ term: 1, prev: [2, 1], commit: 2 }))
).state

describe("A node that the membership does not name", () => {
  it("is let in while it has entries of which this node does not know whether they are committed", () => {
    assert.isAbove(4, follower.commitIndex)
    assert.strictEqual(reasonOf(follower, hello("n4", { lastIndex: follower.commitIndex + 1 })), "admitted")
  })

  it("is told that it was removed once all that it has is committed without it", () => {
    assert.strictEqual(reasonOf(follower, hello("n4", { lastIndex: follower.commitIndex })), "removed")
  })

  it("is unknown with an empty log, and of another cluster never let in", () => {
    assert.strictEqual(
      reasonOf(follower, hello("n4", { hasEntries: false, clusterId: null, lastIndex: 0 })),
      "unknown-node"
    )
    const other = ClusterId.make("other")
    assert.strictEqual(reasonOf(follower, hello("n4", { clusterId: other, lastIndex: 100 })), "wrong-cluster")
  })

  it("is unknown to a node without a log, unless that asks to join whoever has a cluster", () => {
    assert.strictEqual(reasonOf(node(), hello("n4")), "unknown-node")
    assert.strictEqual(reasonOf(node(), hello("n4"), true), "admitted")
    assert.strictEqual(reasonOf(node(), hello("n4", { hasEntries: false, lastIndex: 0 }), true), "unknown-node")
  })
})

describe("A name that the membership has with another disk", () => {
  const newer = (lastIndex: number) => hello("n2", { storeId: StoreId.make("another"), lastIndex })

  it("is let in as a stranger while it has entries of which this node does not know whether they are committed", () => {
    assert.strictEqual(reasonOf(follower, newer(follower.commitIndex + 1)), "admitted")
    assert.strictEqual(reasonOf(follower, newer(follower.commitIndex)), "disk-replaced")
  })

  it("is in use while another process is linked under it, or when it is this node's own", () => {
    const joining = hello("n2", { storeId: StoreId.make("another"), hasEntries: false, joins: true, lastIndex: 0 })
    const linked = {
      ...shellOf(follower),
      hellos: new Map([[joining.nodeId, hello("n2")]]),
      linked: new Set([joining.nodeId])
    }
    assert.match(judge(linked, joining)?.message ?? "", /n2 is in use/)
    assert.strictEqual(judge(linked, joining)?.reason, "name-in-use")
    assert.isNull(judge({ ...linked, linked: new Set() }, joining))
    // A link of its own that is made anew.
    assert.isNull(judge(linked, hello("n2")))
    assert.match(judge(shellOf(follower), { ...joining, nodeId: follower.self })?.message ?? "", /n1 is in use/)
  })
})

describe("A founding that was in vain", () => {
  const other = ClusterId.make("other")
  const founder = node({ log: [1] })

  it("is doubted by its founder, who hears of another by a store that its own membership names", () => {
    const shell = shellOf(founder)
    assert.strictEqual(introduce(shell).clusterId, "cluster")
    assert.isNull(judge(shell, hello("n2", { clusterId: other })))
    assert.isNull(introduce(shell).clusterId)
    assert.isNull(judge(shell, hello("n3", { clusterId: other })))
  })

  it("is not doubted once it is committed: then the founder who was in vain is let in, by its store", () => {
    const shell = shellOf(follower)
    assert.isNull(judge(shell, hello("n2", { clusterId: other })))
    assert.strictEqual(introduce(shell).clusterId, "cluster")
  })

  it("is doubted also for a store that its membership does not name, once that one has let this node in", () => {
    const shell = shellOf(founder)
    const unknown = hello("n2", { clusterId: other, storeId: StoreId.make("elsewhere") })
    assert.isNull(judge(shell, unknown, true))
    assert.isNull(introduce(shell).clusterId)
  })

  it("is not to be confused with the data of another cluster, whose store nobody here knows", () => {
    const shell = shellOf(founder)
    const stranger = hello("n2", { clusterId: other, storeId: StoreId.make("elsewhere") })
    assert.strictEqual(judge(shell, stranger)?.reason, "wrong-cluster")
    assert.strictEqual(introduce(shell).clusterId, "cluster")
  })

  it("has a store in common with the founding that counts, and with no other cluster", () => {
    const one = { clusterId: ClusterId.make("cluster"), members: membersOf(founder) }
    const [, second] = one.members
    assert.isTrue(isOfOne(one, { clusterId: other, members: [second!] }))
    const unknown = { ...second!, storeId: null }
    assert.isFalse(isOfOne({ ...one, members: [unknown] }, { clusterId: other, members: [unknown] }))
    assert.isFalse(isOfOne(one, { clusterId: other, members: [{ ...second!, storeId: StoreId.make("elsewhere") }] }))
  })
})

describe("A member that came back on another disk", () => {
  const storeId = StoreId.make("another")

  it("asks to be let in until its log names the new disk, whatever that says of the old one", () => {
    const voter = node({ log: [1, 1] })
    assert.isFalse(introduce(shellOf(voter, true)).joins)
    assert.isTrue(introduce(shellOf({ ...voter, storeId }, true)).joins)
  })

  it("is told that it was removed, if it was before it heard that it had been let in", () => {
    const leading = leader({ log: [1, 1] })
    const { state } = play(leading, synced(leading), from("n2", appended({ term: leading.term, match: 3 })))
    const removing = play(state, removeRequested("n3")).state
    const gone = play(removing, synced(removing), from("n2", appended({ term: leading.term, match: 4 }))).state
    const asking = { joins: true, hasEntries: false, clusterId: null, lastIndex: 0 }
    assert.strictEqual(reasonOf(gone, hello("n3", asking)), "removed")
    assert.strictEqual(reasonOf(gone, hello("n3", { ...asking, storeId })), "admitted")
  })
})

describe("A member whose removal is not committed", () => {
  it("is let in, because it may be needed, or has to hear of it", () => {
    const leading = leader({ log: [1, 1] })
    const { state } = play(leading, synced(leading), from("n2", appended({ term: leading.term, match: 3 })))
    const removing = play(state, removeRequested("n3")).state
    assert.strictEqual(removing.configs.at(-1)?.membership.members.length, 2)
    assert.strictEqual(reasonOf(removing, hello("n3", { lastIndex: 3 })), "admitted")
    const gone = play(removing, synced(removing), from("n2", appended({ term: leading.term, match: 4 }))).state
    assert.strictEqual(gone.commitIndex, 4)
    assert.strictEqual(reasonOf(gone, hello("n3", { lastIndex: 3 })), "removed")
  })
})

describe("A store that was put back to an older copy of itself", () => {
  const leading = leader({ log: [1, 1] })
  const acknowledged = play(leading, synced(leading), from("n2", appended({ term: leading.term, match: 3 }))).state

  it("is recognised by its leader, who tells it what to do", () => {
    const refusal = judge(shellOf(acknowledged), hello("n2", { lastIndex: 2 }))
    assert.strictEqual(refusal?.reason, "gone-back")
    assert.match(
      refusal?.message ?? "",
      /^n2 has gone back in time: its log ends with entry 2, and it has .* entry 3\. .*--rejoin/
    )
    assert.strictEqual(reasonOf(acknowledged, hello("n2", { lastIndex: 3 })), "admitted")
  })

  it("is recognised also when it asks to join", () => {
    assert.strictEqual(
      reasonOf(acknowledged, hello("n2", { lastIndex: 0, joins: true, hasEntries: false })),
      "gone-back"
    )
  })

  it("is not accused of what was never committed, of another's acknowledgements, or if it does not tell", () => {
    const uncommitted = play(leading, from("n2", appended({ term: leading.term, match: 3 }))).state
    assert.isBelow(uncommitted.commitIndex, 3)
    assert.strictEqual(reasonOf(uncommitted, hello("n2", { lastIndex: 2 })), "admitted")
    assert.strictEqual(reasonOf(acknowledged, hello("n3", { lastIndex: 0 })), "admitted")
    assert.strictEqual(reasonOf(acknowledged, hello("n2", { lastIndex: 0, boots: 0 })), "admitted")
  })

  it("is for itself to confirm: its hello may have been overtaken by what it acknowledged since", () => {
    const shell = { ...shellOf(follower), logStore: { recovered: { boots: 1 } } }
    const mark = (matchIndex: number) => ({ boots: 1, matchIndex: LogIndex.make(matchIndex) })
    const refusedFor = (matchIndex: number) =>
      GoneBack.ofSelf(shell, follower, { reason: "gone-back", message: "", mark: mark(matchIndex) })
    assert.isNull(refusedFor(3))
    assert.match(refusedFor(4)?.message ?? "", /n1 has gone back in time: its log ends with entry 3/)
    assert.isNull(GoneBack.ofSelf(shell, follower, { reason: "unknown-node", message: "" }))
    PeerMarks.note(shell.marks, follower.storeId, mark(4))
    assert.match(GoneBack.ofSelf(shell, follower, null)?.message ?? "", /has acknowledged entry 4/)
  })
})

describe("The marks of stores", () => {
  const mark = (boots: number, matchIndex: number) => ({ boots, matchIndex: LogIndex.make(matchIndex) })

  it("only ever move forward, and what is new is written once", () => {
    const marks = PeerMarks.make({ peers: new Map([[storeOf("n2"), mark(2, 5)]]) })
    for (const seen of [mark(1, 6), mark(3, 4), mark(0, 0)]) PeerMarks.note(marks, storeOf("n2"), seen)
    const both = new Map([[storeOf("n2"), mark(3, 6)]])
    assert.deepStrictEqual(marks.known, both)
    assert.deepStrictEqual(PeerMarks.takeUnwritten(marks), both)
    PeerMarks.note(marks, storeOf("n2"), mark(3, 6))
    assert.strictEqual(PeerMarks.takeUnwritten(marks).size, 0)
  })

  it("are kept of the 64 stores that were heard of last", () => {
    const marks = PeerMarks.make({ peers: new Map() })
    for (let n = 1; n <= 65; n++) PeerMarks.note(marks, storeOf(`n${n}`), mark(1, n))
    assert.strictEqual(marks.known.size, 64)
    assert.isFalse(marks.known.has(storeOf("n1")))
    assert.strictEqual(PeerMarks.takeUnwritten(marks).size, 64)
  })
})
