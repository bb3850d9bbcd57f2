/**
 * The snapshot store in memory keeps the contract, and its disk can lose what was not synced.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { SnapshotStore } from "../../../src/node/SnapshotStore.ts"
import { failure } from "../../../src/node/snapshotstore/Failure.ts"
import * as MemoryDisk from "../../../src/node/snapshotstore/MemoryDisk.ts"
import * as SnapshotStoreMemory from "../../../src/node/snapshotstore/SnapshotStoreMemory.ts"
import { snapshotStoreContract } from "../../contract/SnapshotStore.ts"
import type { Ground } from "../../contract/snapshotstore/Ground.ts"
import { loaded, piecesOf, writeAt } from "./Snapshots.ts"

const open = (disk?: MemoryDisk.MemoryDisk) =>
  Effect.map(Layer.build(SnapshotStoreMemory.layer(disk)), Context.get(SnapshotStore))

const memoryGround = Effect.sync((): Ground => {
  const disk = MemoryDisk.make()
  return {
    open: open(disk),
    fail: (reason) =>
      Effect.sync(() => {
        disk.trouble = reason === null ? Effect.void : Effect.fail(failure(reason, "memory", "on demand"))
      }),
    names: Effect.sync(() => [...disk.files.keys()]),
    cut: (name, bytes) =>
      Effect.sync(() => {
        const file = disk.files.get(name) ?? assert.fail(`there is no ${name}`)
        file.length = bytes
      }),
    flip: (name, at) =>
      Effect.sync(() => {
        const bytes = disk.files.get(name)?.bytes ?? assert.fail(`there is no ${name}`)
        bytes[at] = (bytes[at] ?? 0) ^ 1
      })
  }
})

snapshotStoreContract("SnapshotStoreMemory", memoryGround)

describe("Snapshots on a disk in memory", () => {
  it.effect("are forgotten with their store if nobody else has the disk", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.flatMap(open(), (store) => writeAt(store, 1)))
      assert.isNull((yield* open()).latest())
    }))

  it.effect("survive a loss of power as soon as they are written", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      yield* Effect.scoped(Effect.flatMap(open(disk), (store) => writeAt(store, 1)))
      MemoryDisk.crash(disk)
      assert.deepStrictEqual(yield* loaded(yield* open(disk)), piecesOf(1))
    }))

  it.effect("take the place of others once there is room for a name, when they were received", () =>
    Effect.gen(function*() {
      const [from, disk] = [yield* open(), MemoryDisk.make()]
      const stored = yield* writeAt(from, 7)
      const store = yield* open(disk)
      const receiving = yield* store.receive(stored)
      yield* receiving.append(0, yield* from.read(stored, 0, stored.bytes))
      yield* Stream.runDrain(receiving.pieces)
      disk.trouble = Effect.fail(failure("full", "memory", "on demand"))
      for (const _ of [1, 2]) assert.strictEqual((yield* Effect.flip(receiving.adopt)).reason, "full")
      assert.isNull(store.latest())
      disk.trouble = Effect.void
      yield* receiving.adopt
      assert.deepStrictEqual(store.latest(), stored)
      MemoryDisk.crash(disk)
      assert.deepStrictEqual(yield* loaded(yield* open(disk)), piecesOf(7))
    }))
})
