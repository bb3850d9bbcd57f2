/**
 * A node may stop at any step of writing or receiving a snapshot: it has the old one then, or the new one, and whole.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { SnapshotStore, type StoredSnapshot } from "../../../src/node/SnapshotStore.ts"
import { failure } from "../../../src/node/snapshotstore/Failure.ts"
import * as MemoryDisk from "../../../src/node/snapshotstore/MemoryDisk.ts"
import * as SnapshotStoreMemory from "../../../src/node/snapshotstore/SnapshotStoreMemory.ts"
import { largePieces, loaded, piecesOf, writeAt } from "./Snapshots.ts"

type Store = SnapshotStore["Service"]

const open = (disk: MemoryDisk.MemoryDisk) =>
  Effect.map(Layer.build(SnapshotStoreMemory.layer(disk)), Context.get(SnapshotStore))

/** What may happen to a disk when its node stops: the process ends alone, or the machine loses its power. */
const ends = [["the process is killed", () => {}], ["the power fails", MemoryDisk.crash]] as const

/** Lets a disk do so many steps more, and then nothing. */
const stopAfter = (disk: MemoryDisk.MemoryDisk, steps: number): void => {
  let left = steps
  disk.trouble = Effect.suspend(() => left-- > 0 ? Effect.void : Effect.fail(failure("io", "memory", "stopped")))
}

/** Lets one step of a disk fail. */
const failOnce = (disk: MemoryDisk.MemoryDisk, step: number): void => {
  let left = step
  disk.trouble = Effect.suspend(() => left-- === 0 ? Effect.fail(failure("io", "memory", "once")) : Effect.void)
}

/** All of a snapshot in another store, from where a transfer of it broke off. */
const receiveAll = Effect.fnUntraced(function*(store: Store, from: Store, stored: StoredSnapshot) {
  const receiving = yield* store.receive(stored)
  while (receiving.offset() < stored.bytes) {
    yield* receiving.append(receiving.offset(), yield* from.read(stored, receiving.offset(), 1_500_000))
  }
  yield* Stream.runDrain(receiving.pieces)
  yield* receiving.adopt
})

/** Stops at each step of some work on a store that has snapshot 3, until the work is done before it comes to that. */
const stopEverywhere = Effect.fnUntraced(function*(
  end: (disk: MemoryDisk.MemoryDisk) => void,
  work: (store: Store) => Effect.Effect<unknown, unknown>
) {
  const found: Array<number> = []
  for (let [steps, isDone] = [0, false]; !isDone; steps++) {
    const disk = MemoryDisk.make()
    isDone = yield* Effect.scoped(Effect.gen(function*() {
      const store = yield* open(disk)
      yield* writeAt(store, 3)
      stopAfter(disk, steps)
      return yield* Effect.match(work(store), { onFailure: () => false, onSuccess: () => true })
    }))
    end(disk)
    disk.trouble = Effect.void
    found.push(yield* Effect.scoped(Effect.flatMap(open(disk), expectWhole)))
    if (isDone) assert.strictEqual(found.at(-1), 7)
  }
  return found
})

const expectWhole = Effect.fnUntraced(function*(store: Store) {
  const index = store.latest()?.snapshot.index ?? assert.fail("no snapshot is left")
  assert.deepStrictEqual(yield* loaded(store), piecesOf(index))
  yield* writeAt(store, 9)
  assert.deepStrictEqual(yield* loaded(store), piecesOf(9))
  return index
})

describe("The latest snapshot, when a new one is being made and", () => {
  it.effect.each(ends)("%s at any step, is the old one or the new one", ([, end]) =>
    Effect.gen(function*() {
      const found = yield* stopEverywhere(end, (store) => writeAt(store, 7))
      assert.isAtLeast(found.length, 8)
      assert.deepStrictEqual(found, found.toSorted())
      assert.deepStrictEqual([...new Set(found)], [3, 7])
    }))

  it.effect.each(ends)(
    "%s at any step of receiving it, is the old one or the new one",
    ([, end]) =>
      Effect.gen(function*() {
        const from = yield* open(MemoryDisk.make())
        const stored = yield* writeAt(from, 7)
        const found = yield* stopEverywhere(end, (store) =>
          Effect.gen(function*() {
            const receiving = yield* store.receive(stored)
            while (receiving.offset() < stored.bytes) {
              yield* receiving.append(receiving.offset(), yield* from.read(stored, receiving.offset(), 99))
            }
            yield* receiving.adopt
          }))
        assert.isAtLeast(found.length, 6)
        assert.deepStrictEqual(found, found.toSorted())
        assert.deepStrictEqual([...new Set(found)], [3, 7])
      })
  )

  // It has been acted upon since: the log was reset to it, and the older one is gone.
  it.effect("the process is killed, is there still when the power fails after a start that has found it", () =>
    Effect.gen(function*() {
      const indexOn = (disk: MemoryDisk.MemoryDisk) =>
        Effect.scoped(Effect.map(open(disk), (store) => store.latest()?.snapshot.index))
      const found = yield* stopEverywhere(
        (disk) => {
          disk.trouble = Effect.void
          const before = Effect.runSync(indexOn(disk))
          MemoryDisk.crash(disk)
          assert.strictEqual(Effect.runSync(indexOn(disk)), before)
        },
        (store) => writeAt(store, 7)
      )
      assert.deepStrictEqual([...new Set(found)], [3, 7])
    }))

  // Bytes that were received and never synced may be gone, or wrong: they are asked for again.
  it.effect("the power fails, is not made of bytes that were lost", () =>
    Effect.gen(function*() {
      const [from, disk] = [yield* open(MemoryDisk.make()), MemoryDisk.make()]
      const stored = yield* writeAt(from, 7)
      yield* Effect.scoped(Effect.gen(function*() {
        const receiving = yield* (yield* open(disk)).receive(stored)
        yield* receiving.append(0, yield* from.read(stored, 0, stored.bytes - 1))
      }))
      MemoryDisk.crash(disk)
      const again = yield* (yield* open(disk)).receive(stored)
      assert.strictEqual(again.offset(), 0)
    }))

  // What a failed sync was to write is lost, though the next one says that it is there: it is asked for again.
  it.effect("a sync or anything else fails once while it is received, is all there when the power fails later", () =>
    Effect.gen(function*() {
      const from = yield* open(MemoryDisk.make())
      const stored = yield* writeAt(from, 7, [...largePieces, ...largePieces])
      let failures = 0
      for (let [step, isOver] = [0, false]; !isOver; step++) {
        const disk = MemoryDisk.make()
        const work = Effect.scoped(Effect.flatMap(open(disk), (store) => receiveAll(store, from, stored)))
        failOnce(disk, step)
        isOver = yield* Effect.match(work, { onFailure: () => false, onSuccess: () => true })
        if (!isOver) {
          failures += 1
          yield* work
        }
        MemoryDisk.crash(disk)
        disk.trouble = Effect.void
        const { latest, pieces } = yield* open(disk)
        assert.deepStrictEqual(latest(), stored, `step ${step}`)
        yield* Stream.runDrain(pieces)
      }
      assert.isAtLeast(failures, 8)
    }))
})
