/**
 * One follower as its leader sees it: probing until the logs are known to agree, then sending ahead within
 * bounds, and back to probing when something was lost (§5.3).
 */
import { assert, describe, it } from "@effect/vitest"
import { LogIndex } from "../../src/raft/Entry.ts"
import * as Progress from "../../src/raft/Progress.ts"
import { snapshotOf, storeOf } from "./support/build.ts"

const at = (index: number) => LogIndex.make(index)
const initial = Progress.initial(at(10), storeOf("n2"))
const matching = (index: number) => Progress.acknowledged(initial, at(index))

describe("Progress", () => {
  it("begins by asking about the entry behind the last one (§5.3: just after the last one in its log)", () => {
    assert.deepInclude(initial, { mode: "Probe", matchIndex: at(0), nextIndex: at(11), probing: false })
  })

  it("asks one thing at a time until it knows where the logs agree", () => {
    const asked = Progress.sent(initial, at(12), 100)
    assert.deepInclude(asked, { mode: "Probe", nextIndex: at(11), probing: true, inflightBytes: 0 })
    assert.deepInclude(Progress.acknowledged(asked, at(12)), {
      mode: "Replicate",
      matchIndex: at(12),
      nextIndex: at(13),
      probing: false
    })
  })

  it("takes its guess back when less matches than it had guessed", () => {
    assert.deepInclude(matching(4), { matchIndex: at(4), nextIndex: at(5) })
  })

  it("then sends ahead, and counts what is on its way by messages and bytes", () => {
    const ahead = Progress.sent(Progress.sent(matching(10), at(12), 100), at(15), 50)
    assert.deepInclude(ahead, { nextIndex: at(16), inflightBytes: 150 })
    assert.deepEqual(ahead.inflight.map(({ index }) => Number(index)), [12, 15])
    assert.deepInclude(Progress.acknowledged(ahead, at(11)), { inflightBytes: 150, nextIndex: at(16) })
    assert.deepInclude(Progress.acknowledged(ahead, at(12)), { inflightBytes: 50, nextIndex: at(16) })
    assert.deepInclude(Progress.acknowledged(ahead, at(15)), { inflightBytes: 0, nextIndex: at(16), inflight: [] })
  })

  it("never takes back what was acknowledged: an older answer changes nothing", () => {
    assert.deepEqual(Progress.acknowledged(matching(10), at(4)), matching(10))
    assert.deepInclude(Progress.probeFrom(matching(10), at(3)), { matchIndex: at(10), nextIndex: at(11) })
  })

  it("believes a rejection only of what was asked last", () => {
    const probing = Progress.sent(Progress.probeFrom(initial, at(8)), at(12), 100)
    assert.isTrue(Progress.isCurrentRejection(probing, at(7)))
    assert.isFalse(Progress.isCurrentRejection(probing, at(6)))
    assert.isFalse(Progress.isCurrentRejection(probing, at(10)))
  })

  it("believes a rejection of anything unacknowledged that was sent ahead: something before it was lost", () => {
    const ahead = Progress.sent(matching(10), at(15), 100)
    assert.isTrue(Progress.isCurrentRejection(ahead, at(15)))
    assert.isTrue(Progress.isCurrentRejection(ahead, at(11)))
    assert.isFalse(Progress.isCurrentRejection(ahead, at(10)))
  })

  it("takes no rejection of what was acknowledged, else leader and follower would go on for ever", () => {
    const probing = Progress.sent(Progress.probeFrom(matching(10), at(11)), at(12), 100)
    assert.isFalse(Progress.isCurrentRejection(probing, at(10)))
  })

  it("forgets what was on its way when the link breaks, and keeps what was acknowledged", () => {
    const broken = Progress.disconnected(Progress.sent(matching(10), at(15), 100))
    assert.deepInclude(broken, { mode: "Probe", matchIndex: at(10), nextIndex: at(11), inflight: [], inflightBytes: 0 })
    assert.deepInclude(Progress.disconnected(Progress.sent(initial, at(12), 100)), {
      nextIndex: at(11),
      probing: false
    })
  })

  it("waits for a snapshot that is on its way, behind which it asks", () => {
    const waiting = Progress.snapshotSent(Progress.sent(initial, at(12), 100), snapshotOf(8, 1))
    assert.deepInclude(waiting, { mode: "Snapshot", nextIndex: at(9), matchIndex: at(0), probing: false })
    assert.isFalse(Progress.isCurrentRejection(waiting, at(8)))
    assert.deepInclude(Progress.acknowledged(waiting, at(5)), { mode: "Snapshot", matchIndex: at(5) })
    assert.deepInclude(Progress.acknowledged(waiting, at(8)), {
      mode: "Replicate",
      matchIndex: at(8),
      nextIndex: at(9),
      snapshot: null
    })
  })

  it("asks anew after a snapshot that did not get there, but not before the next heartbeat", () => {
    const failed = Progress.snapshotFailed(Progress.snapshotSent(initial, snapshotOf(8, 1)), at(20))
    assert.deepInclude(failed, { mode: "Probe", nextIndex: at(21), probing: true, snapshot: null })
    assert.isTrue(Progress.isCurrentRejection(failed, at(20)))
    assert.deepInclude(Progress.disconnected(Progress.snapshotSent(initial, snapshotOf(8, 1))), {
      mode: "Probe",
      snapshot: null
    })
  })

  it("knows the latest round that was answered, and whether the peer has spoken", () => {
    assert.deepInclude(Progress.spoke(Progress.spoke(initial, 5), 3), { round: 5, active: true })
  })
})
