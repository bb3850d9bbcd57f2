/**
 * What a node makes of a log and a snapshot that a crash has left at odds: an installation, or a restore from a backup,
 * that stopped between the file of the snapshot and the reset of the log.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { makeLockTable } from "../../../src/lock/LockTable.ts"
import { LockStore } from "../../../src/node/LockStore.ts"
import type { Recovered } from "../../../src/node/LogStore.ts"
import * as LogStoreMemory from "../../../src/node/logstore/LogStoreMemory.ts"
import * as Restored from "../../../src/node/snapshots/Restored.ts"
import { SnapshotStore } from "../../../src/node/SnapshotStore.ts"
import * as SnapshotStoreMemory from "../../../src/node/snapshotstore/SnapshotStoreMemory.ts"
import type { HardState } from "../../../src/raft/Action.ts"
import type { Entry, Position } from "../../../src/raft/Entry.ts"
import { NodeId, StoreId } from "../../../src/raft/Membership.ts"
import { piecesOf } from "../../lock/support/snapshots.ts"
import { entriesOf, hardStateOf } from "../logstore/Entries.ts"
import { snapshotAt } from "../snapshotstore/Snapshots.ts"

const n1 = NodeId.make("n1")

/** A disk with a log, and a node that starts on it beside a snapshot; what it finds, and what its disk has then. */
const start = (log: Partial<Recovered>, snapshot: readonly [index: number, term: number]) =>
  Effect.gen(function*() {
    const disk = LogStoreMemory.makeDisk()
    disk.contents = { ...LogStoreMemory.emptyContents(n1, StoreId.make("store")), ...log }
    const restored = yield* Effect.gen(function*() {
      const pieces = piecesOf(makeLockTable().snapshot())
      yield* (yield* SnapshotStore).write(snapshotAt(...snapshot), Stream.fromIterable(pieces))
      return yield* Restored.restore
    }).pipe(
      Effect.provide([LockStore.layer, LogStoreMemory.layer({ nodeId: n1, disk }), SnapshotStoreMemory.layer()]),
      Effect.scoped
    )
    return { restored, disk: disk.contents! }
  })

const place = (index: number, term: number) => ({ index, term, time: 10 * index })

const position = ({ index, term, time }: Position) => ({ index, term, time })

describe("A node that finds a snapshot beyond its log", () => {
  const cases: ReadonlyArray<readonly [name: string, HardState, ReadonlyArray<Entry>, HardState]> = [
    ["of its own term", hardStateOf(5, n1), entriesOf(1, 2), hardStateOf(5, n1)],
    ["of an older term", hardStateOf(7, n1), entriesOf(1, 2), hardStateOf(7, n1)],
    // The term came with the snapshot, and is stored after it.
    ["of a newer term", hardStateOf(3, n1), entriesOf(1, 2), hardStateOf(5, null)],
    ["beside a log that has never been written", hardStateOf(0, null), [], hardStateOf(5, null)]
  ]

  it.effect.each(cases)("%s completes what was begun", ([, hardState, entries, wanted]) =>
    Effect.gen(function*() {
      const { disk, restored } = yield* start({ hardState, entries }, [10, 5])
      assert.deepEqual<unknown>(position(restored.start), place(10, 5))
      assert.isEmpty(restored.entries)
      assert.deepStrictEqual(restored.hardState, wanted)
      assert.deepEqual<unknown>(position(disk.start), place(10, 5))
      assert.isEmpty(disk.entries)
      assert.deepStrictEqual(disk.hardState, wanted)
    }))

  it.effect("that covers another entry than the one it has there drops its log", () =>
    Effect.gen(function*() {
      const { disk, restored } = yield* start({ hardState: hardStateOf(3, null), entries: entriesOf(1, 12) }, [10, 2])
      assert.deepEqual<unknown>(position(restored.start), place(10, 2))
      assert.isEmpty(disk.entries)
    }))
})

describe("A node whose log has the last entry of its snapshot", () => {
  it.effect("keeps what follows it, term and vote, and writes nothing", () =>
    Effect.gen(function*() {
      const log = { hardState: hardStateOf(3, n1), entries: entriesOf(1, 12) }
      const { disk, restored } = yield* start(log, [10, 1])
      assert.strictEqual(restored.snapshot?.index, 10)
      assert.deepStrictEqual(restored.hardState, log.hardState)
      assert.deepStrictEqual(restored.entries, log.entries)
      assert.strictEqual(disk.entries, log.entries)
    }))
})

describe("A node whose log starts after its snapshot", () => {
  it.effect("does not start", () =>
    Effect.gen(function*() {
      const log = { hardState: hardStateOf(3, null), start: place(20, 3) as Position }
      const error = yield* Effect.flip(start(log, [10, 1]))
      assert.strictEqual(error.reason, "corrupt")
      assert.include(error.message, "starts after entry 20, and the snapshot of what was before is missing")
    }))
})
