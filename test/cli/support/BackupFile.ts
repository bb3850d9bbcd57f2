/**
 * The file of a backup: an old cluster of two nodes at entry 42, in which `ann` (15 s) holds a lock with token 1 and
 * `bob` (60 s) waits for it.
 */
import { writeFileSync } from "node:fs"
import { makeEncoder } from "../../../src/node/snapshotstore/SnapshotFile.ts"
import { LogIndex, Term } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../src/raft/Membership.ts"
import type { Snapshot } from "../../../src/raft/Snapshot.ts"
import { acquire, queue } from "../../lock/support/commands.ts"
import { piecesOf } from "../../lock/support/snapshots.ts"
import { Story } from "../../lock/support/Story.ts"

const snapshot: Snapshot = {
  index: LogIndex.make(42),
  term: Term.make(7),
  time: 1_000,
  configIndex: LogIndex.make(3),
  membership: {
    clusterId: ClusterId.make("old"),
    members: [
      { nodeId: NodeId.make("node1"), raft: "10.0.0.1:9081", voter: true, storeId: StoreId.make("disk1") },
      { nodeId: NodeId.make("node2"), raft: "10.0.0.2:9081", voter: false, storeId: StoreId.make("disk2") }
    ]
  }
}

export const backupBytes = (pieces = piecesOf(tableOf().snapshot())): Buffer => {
  const { end, header, piece } = makeEncoder()
  return Buffer.concat([header({ snapshot, release: "0.0.9" }), ...pieces.map((bytes) => piece(bytes).slice()), end()])
}

export const writeBackup = (path: string): void => writeFileSync(path, backupBytes())

const tableOf = () => {
  const story = new Story({ ann: 15_000, bob: 60_000 })
  story.at(1_000, acquire("a", "ann"), queue("b", "bob"))
  return story.table
}

const flipped = (at: number): Buffer => {
  const bytes = backupBytes()
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes
}

const newer = (): Buffer => backupBytes([Buffer.from("what a newer release wrote")])

/** No command makes anything of such a file. */
export const wrongFiles: ReadonlyArray<readonly [what: string, bytes: () => Uint8Array, said: RegExp]> = [
  ["is empty", () => new Uint8Array(), /is damaged: it ends with byte 0, where more must come/],
  ["is something else", () => Buffer.alloc(1000, "Lorem ipsum "), /is damaged: it is not a snapshot of this program/],
  ["has one bit wrong in its header", () => flipped(30), /is damaged: its header does not have the checksum/],
  ["has one bit wrong in its middle", () => flipped(backupBytes().length - 60), /is damaged: the piece at byte \d+/],
  ["has one bit wrong at its end", () => flipped(backupBytes().length - 1), /is damaged: its content does not have/],
  ["is cut", () => backupBytes().subarray(0, -10), /is damaged: it ends with byte \d+/],
  ["goes on", () => Buffer.concat([backupBytes(), Buffer.from("x")]), /is damaged: something follows its end/],
  ["holds no lock state", newer, /cannot be used: the snapshot of the lock state cannot be read/]
]
