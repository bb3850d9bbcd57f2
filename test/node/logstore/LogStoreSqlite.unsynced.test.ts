/**
 * What is in a directory survives a failure of the power when the directory has been synced.
 *
 * A process that is killed between a write and its sync leaves bytes that the next one reads from the operating
 * system's cache. They are acknowledged without another write, so they are synced before the log is believed.
 */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { NodeId } from "../../../src/raft/Membership.ts"
import { copyFiles } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { entriesOf, hardStateOf } from "./Entries.ts"

const n1 = NodeId.make("n1")

afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})

/** A data directory as a process leaves it that is killed: its last write is in the write-ahead log alone. */
const killed = Effect.gen(function*() {
  const [from, dataDir] = [yield* tempDir, yield* tempDir]
  const store = yield* openSqlite(from, n1)
  yield* store.write({ hardState: hardStateOf(1, null), entries: entriesOf(1, 2) })
  copyFiles(from, dataDir)
  return dataDir
})

/** What is synced from now on, by inode, in order; `opened` stands for SQLite that opens a log. */
const watchSyncs = (fail?: (inode: number) => boolean) => {
  const seen: Array<number | "opened"> = []
  const fsync = fs.fsyncSync
  vi.spyOn(fs, "fsyncSync").mockImplementation((file) => {
    const { ino } = fs.fstatSync(file)
    if (fail?.(ino)) throw Object.assign(new Error("EIO: on demand"), { code: "EIO", syscall: "fsync" })
    seen.push(ino)
    fsync(file)
  })
  syncBuiltinESMExports()
  const exec = DatabaseSync.prototype.exec
  vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function(this: DatabaseSync, sql) {
    if (sql.includes("locking_mode")) seen.push("opened")
    return exec.call(this, sql)
  })
  return seen
}

/** Which files' data is synced from now on, and how long they are then. */
const watchDataSyncs = () => {
  const seen: Array<{ readonly inode: number; readonly bytes: number }> = []
  const { fdatasyncSync } = fs
  vi.spyOn(fs, "fdatasyncSync").mockImplementation((file) => {
    fdatasyncSync(file)
    const { ino, size } = fs.fstatSync(file)
    seen.push({ inode: ino, bytes: size })
  })
  syncBuiltinESMExports()
  return seen
}

const inodeOf = (...path: ReadonlyArray<string>): number => fs.statSync(join(...path)).ino

describe("A log that is made with its directories", () => {
  it.effect("is found from the top down when the power fails: each directory is synced that has a new one", () =>
    Effect.gen(function*() {
      const top = yield* tempDir
      const dataDir = join(top, "a", "b")
      const seen = watchSyncs()
      yield* openSqlite(dataDir, n1)
      assert.includeMembers(seen, [inodeOf(top), inodeOf(top, "a"), inodeOf(dataDir)])
    }))
})

describe("A log that is opened after its process was killed", () => {
  it.effect("is on disk with its names before anything of it is read", () =>
    Effect.gen(function*() {
      const dataDir = yield* killed
      const wanted = [
        inodeOf(dataDir, ".."),
        inodeOf(dataDir),
        inodeOf(dataDir, "log.sqlite"),
        inodeOf(dataDir, "log.sqlite-wal")
      ]
      const seen = watchSyncs()
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.lengthOf(recovered.entries, 2)
      const before = seen.slice(0, seen.indexOf("opened"))
      assert.includeMembers(before, wanted)
    }))

  // After a sync that has failed, the next one says of bytes that are not on the disk that they are.
  it.effect("has all of it in the file, and nothing in a write-ahead log that may not be what it shows", () =>
    Effect.gen(function*() {
      const [dataDir, copy] = [yield* killed, yield* tempDir]
      const synced = watchDataSyncs()
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.lengthOf(recovered.entries, 2)
      assert.strictEqual(fs.statSync(join(dataDir, "log.sqlite-wal")).size, 0)
      assert.deepStrictEqual(synced, [{ inode: inodeOf(dataDir, "log.sqlite-wal"), bytes: 0 }])
      fs.copyFileSync(join(dataDir, "log.sqlite"), join(copy, "log.sqlite"))
      assert.deepStrictEqual((yield* openSqlite(copy, n1)).recovered.entries, recovered.entries)
    }))

  it.effect("is opened although the disk has no room to move it into the file", () =>
    Effect.gen(function*() {
      const dataDir = yield* killed
      const exec = DatabaseSync.prototype.exec
      vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function(this: DatabaseSync, sql) {
        if (!sql.includes("wal_checkpoint")) return exec.call(this, sql)
        throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 })
      })
      assert.lengthOf((yield* openSqlite(dataDir, n1)).recovered.entries, 2)
    }))

  it.effect.each(["log.sqlite", "log.sqlite-wal", "."])(
    "is not opened when %s cannot be synced",
    (name) =>
      Effect.gen(function*() {
        const dataDir = yield* killed
        const inode = inodeOf(dataDir, name)
        watchSyncs((synced) => synced === inode)
        const error = yield* Effect.flip(Effect.scoped(openSqlite(dataDir, n1)))
        assert.strictEqual(error.reason, "io")
        assert.include(error.message, dataDir)
      })
  )
})
