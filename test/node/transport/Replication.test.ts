/**
 * The plain layout of replication: it carries exactly what it takes, and takes nothing that it cannot carry.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import { versionOf } from "../../../src/node/transport/Protocol.ts"
import * as Replication from "../../../src/node/transport/versions/Replication.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { RaftMessage } from "../../../src/raft/RaftMessage.ts"

const { messages: codec } = versionOf(2)

const bytesOf = (messages: ReadonlyArray<PeerMessage>): Uint8Array => Uint8Array.from(codec.encode(messages))

/** What replication sends: entries that follow each other, and none that changes the membership. */
const replicated = (message: RaftMessage): PeerMessage => {
  if (message._tag !== "AppendEntries") return { _tag: "Raft", message }
  const prevLogIndex = LogIndex.make(Math.min(message.prevLogIndex, Number.MAX_SAFE_INTEGER - message.entries.length))
  const entries = message.entries
    .filter(({ payload }) => payload._tag !== "Config")
    .map((entry, at) => ({ ...entry, index: LogIndex.make(prevLogIndex + 1 + at) }))
  return { _tag: "Raft", message: { ...message, prevLogIndex, entries } }
}

const Replicated = Schema.Union([RaftMessage.cases.AppendEntries, RaftMessage.cases.Appended])

describe("what replication sends", () => {
  it.prop("is read as it was written", { all: Schema.Array(Replicated) }, ({ all }) => {
    const messages = all.map(replicated)
    assert.isNotNull(Replication.sizeOf(messages))
    assert.deepStrictEqual(codec.decode(bytesOf(messages)), messages)
  })

  it.prop("is read when it is whole and nothing follows", { message: Replicated }, ({ message }) => {
    const bytes = bytesOf([replicated(message)])
    for (let length = 2; length < bytes.length; length++) assert.throws(() => codec.decode(bytes.subarray(0, length)))
    assert.throws(() => codec.decode(Uint8Array.from([...bytes, 3])))
  })

  it("holds no number that is no safe integer", () => {
    const appended = { _tag: "Appended", term: 1, matchIndex: Number.MAX_SAFE_INTEGER, round: 0 } as never
    const bytes = bytesOf([{ _tag: "Raft", message: appended }])
    // The first byte says how the message is written, the second what it is.
    bytes[2 + 8] = 0x20
    assert.throws(() => codec.decode(bytes), /safe integer/)
  })
})

describe("what replication does not take", () => {
  const entry = { index: 5, term: 1, time: 0, payload: { _tag: "Noop" } }
  const append = (entries: ReadonlyArray<object>): PeerMessage => ({
    _tag: "Raft",
    message: {
      _tag: "AppendEntries",
      term: 1,
      prevLogIndex: 4,
      prevLogTerm: 1,
      entries,
      leaderCommit: 0,
      round: 0
    } as never
  })
  const config = { _tag: "Config", membership: { clusterId: "c", members: [] } }

  it.each<readonly [string, PeerMessage]>([
    ["an entry with a gap before it", append([{ ...entry, index: 6 }])],
    ["a membership", append([{ ...entry, payload: config }])],
    ["another message", PeerMessage.cases.Refuse.make({ request: "r", reason: "overloaded" })]
  ])("is written by its schema: %s", (_, message) => {
    const messages = [append([entry]), message]
    assert.isNull(Replication.sizeOf(messages))
    assert.deepStrictEqual(codec.decode(bytesOf(messages)), messages)
  })
})
