/**
 * The snapshot store in files keeps the contract, and does not go back for ever to a file that cannot be read.
 */
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { fstatSync, statSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"
import { snapshotStoreContract } from "../../contract/SnapshotStore.ts"
import { use } from "../../contract/snapshotstore/Ground.ts"
import { fileGround } from "./FileGround.ts"
import { loaded, piecesOf, writeAt } from "./Snapshots.ts"

snapshotStoreContract("SnapshotStoreFile", fileGround)

/** What is the same for all open files. */
const methodsOfFiles = Effect.promise(async () => {
  const handle = await open("/dev/null")
  await handle.close()
  return Object.getPrototypeOf(handle) as Pick<FileHandle, "sync"> & {
    read: (bytes: Uint8Array, at: number, length: number, offset: number) => ReturnType<FileHandle["read"]>
    write: (bytes: Uint8Array, at: number, length: number, offset: number) => ReturnType<FileHandle["write"]>
  }
})

/** Lets whatever is read fail, as from a bad place of a disk. */
const failReads = Effect.map(methodsOfFiles, (methods) => {
  const error = Object.assign(new Error("EIO: on demand"), { code: "EIO", syscall: "read" })
  vi.spyOn(methods, "read").mockRejectedValue(error)
})

/** Notes the inode of whatever is synced. */
const watchSyncs = Effect.map(methodsOfFiles, (methods) => {
  const seen: Array<number> = []
  const { sync } = methods
  vi.spyOn(methods, "sync").mockImplementation(function(this: FileHandle) {
    seen.push(fstatSync(this.fd).ino)
    return sync.call(this)
  })
  return seen
})

/** Lets no more than so many bytes be read or written at once, as a disk that is nearly full may. */
const bitByBit = (bytesMax: number) =>
  Effect.map(methodsOfFiles, (methods) => {
    const { read, write } = methods
    vi.spyOn(methods, "read").mockImplementation(function(this: FileHandle, bytes, at, length, offset) {
      return read.call(this, bytes, at, Math.min(length, bytesMax), offset)
    })
    vi.spyOn(methods, "write").mockImplementation(function(this: FileHandle, bytes, at, length, offset) {
      return write.call(this, bytes, at, Math.min(length, bytesMax), offset)
    })
  })

describe("A snapshot on a disk that takes and gives a few bytes at a time", () => {
  it.effect("is whole", () =>
    Effect.gen(function*() {
      const ground = yield* fileGround
      yield* bitByBit(7)
      const stored = yield* use(ground, (store) => writeAt(store, 3))
      vi.restoreAllMocks()
      assert.deepStrictEqual(yield* use(ground, loaded), piecesOf(3))
      yield* bitByBit(7)
      assert.deepStrictEqual(yield* use(ground, loaded), piecesOf(3))
      assert.lengthOf(yield* use(ground, (store) => store.read(stored, 5, 50)), 50)
    }))
})

describe("The directory of snapshots", () => {
  it.effect("is there when the power fails: the one above it is synced", () =>
    Effect.gen(function*() {
      const { directory, open } = yield* fileGround
      const seen = yield* watchSyncs
      yield* open
      assert.include(seen, statSync(dirname(directory)).ino)
    }))
})

describe("A snapshot that was received into a bad place of a disk", () => {
  it.effect("is thrown away and received anew", () =>
    Effect.gen(function*() {
      const [elsewhere, ground] = [yield* fileGround, yield* fileGround]
      const from = yield* elsewhere.open
      const stored = yield* writeAt(from, 7)
      const whole = yield* from.read(stored, 0, stored.bytes)
      const store = yield* ground.open
      const receiving = yield* store.receive(stored)
      yield* receiving.append(0, whole)
      yield* failReads
      assert.strictEqual((yield* Effect.flip(receiving.adopt)).reason, "io")
      vi.restoreAllMocks()
      const again = yield* store.receive(stored)
      assert.strictEqual(again.offset(), 0)
      yield* again.append(0, whole)
      yield* again.adopt
      assert.deepStrictEqual(store.latest(), stored)
    }))
})
