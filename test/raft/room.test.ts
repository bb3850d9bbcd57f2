/**
 * What a leader has taken and cannot commit stays bounded: past the bound it has no room, and it has room
 * again as soon as some of it commits.
 */
import { assert, describe, it } from "@effect/vitest"
import { entryBytes } from "../../src/raft/Entry.ts"
import { hasRoom } from "../../src/raft/Leadership.ts"
import * as RaftLog from "../../src/raft/RaftLog.ts"
import { defaultSettings } from "../../src/raft/RaftState.ts"
import { appended, from, leader, node, play, proposed, synced } from "./support/build.ts"

const bytes = entryBytes(
  RaftLog.entryAt(play(leader({ log: [1] }), proposed(1)).state.log, node({ log: [1, 1, 1] }).log.lastIndex)!
)
const settings = { ...defaultSettings, uncommittedBytesMax: 4 * bytes }

describe("A leader has room for proposals", () => {
  /** Leads term 2; entries 1 to 3 are of term 1, and entry 4 opens the term. */
  const full = () => play(leader({ log: [1, 1, 1], settings }), ...[1, 2, 3, 4].map(proposed)).state

  it("until more than the bound is uncommitted", () => {
    assert.isTrue(hasRoom(leader({ log: [1, 1, 1], settings })))
    assert.isTrue(hasRoom(play(leader({ log: [1, 1, 1], settings }), ...[1, 2, 3].map(proposed)).state))
    assert.isFalse(hasRoom(full()))
  })

  it("again when some of it commits, and what earlier terms left does not count", () => {
    const state = full()
    const heard = (match: number) => play(state, synced(state), from("n2", appended({ term: 2, match }))).state
    assert.isFalse(hasRoom(heard(3)))
    assert.isTrue(hasRoom(heard(5)))
    const all = heard(8)
    assert.strictEqual(all.role._tag === "Leader" && all.role.uncommittedBytes, 0)
  })

  it("and who does not lead leaves it to the leader", () => {
    assert.isTrue(hasRoom(node({ log: [1], settings: { ...settings, uncommittedBytesMax: 0 } })))
  })
})
