/**
 * What is set aside is moved as it is, and what comes after it is another store.
 */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { inOrder, setAside } from "../../../src/node/logstore/SetAside.ts"
import { copyFiles, edit, logFile } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { entriesOf, hardStateOf } from "./Entries.ts"
import { n1, reopen } from "./Filled.ts"
import { emptyModel, modelOf } from "./Model.ts"

afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})

const write = { hardState: hardStateOf(1, n1), entries: entriesOf(1, 3) }

/** A directory as a crash leaves it, with all that can be in one. */
const crashed = Effect.gen(function*() {
  const [live, dataDir] = [yield* tempDir, yield* tempDir]
  const storeId = yield* Effect.scoped(Effect.gen(function*() {
    const store = yield* openSqlite(live, n1)
    yield* store.write(write)
    copyFiles(live, dataDir)
    return store.recovered.storeId
  }))
  mkdirSync(join(dataDir, "snapshots"))
  writeFileSync(join(dataDir, "snapshots", "one"), "of many")
  return { dataDir, storeId }
})

describe("What a node remembers", () => {
  it.effect("is moved as it is, and another store begins", () =>
    Effect.gen(function*() {
      const { dataDir, storeId } = yield* crashed
      const aside = yield* setAside(dataDir)
      assert.strictEqual(aside, join(dataDir, "set-aside-1"))
      const names = ["log.sqlite", "log.sqlite-wal", "log.watermark", "snapshots"]
      assert.deepStrictEqual(readdirSync(join(dataDir, "set-aside-1")).toSorted(), names)
      assert.strictEqual(readFileSync(join(dataDir, "set-aside-1", "snapshots", "one"), "utf8"), "of many")
      const fresh = yield* reopen(dataDir)
      assert.deepStrictEqual(modelOf(fresh), emptyModel)
      assert.notStrictEqual(fresh.storeId, storeId)
      const old = yield* reopen(join(dataDir, "set-aside-1"))
      assert.deepStrictEqual(old.entries, write.entries)
      assert.strictEqual(old.storeId, storeId)
    }))

  it.effect("is in one place or the other when the power fails: each new name is synced before the old one is", () =>
    Effect.gen(function*() {
      const { dataDir } = yield* crashed
      const seen: Array<string> = []
      const { fsyncSync, renameSync } = fs
      vi.spyOn(fs, "renameSync").mockImplementation((from, to) => {
        renameSync(from, to)
        seen.push("moved")
      })
      vi.spyOn(fs, "fsyncSync").mockImplementation((file) => {
        fsyncSync(file)
        const isNew =
          fs.fstatSync(file).ino === fs.statSync(join(dataDir, "set-aside-1"), { throwIfNoEntry: false })?.ino
        seen.push(isNew ? "new name synced" : "synced")
      })
      syncBuiltinESMExports()
      yield* setAside(dataDir)
      const moves = seen.slice(seen.indexOf("moved"))
      assert.deepStrictEqual(moves, [1, 2, 3, 4].flatMap(() => ["moved", "new name synced", "synced"]))
    }))

  it.effect("is moved although it cannot be read, each time to a place of its own", () =>
    Effect.gen(function*() {
      const { dataDir } = yield* crashed
      edit("DELETE FROM hard_state")(dataDir)
      yield* setAside(dataDir)
      yield* reopen(dataDir)
      assert.strictEqual(yield* setAside(dataDir), join(dataDir, "set-aside-2"))
      assert.isTrue(existsSync(logFile(join(dataDir, "set-aside-1"))))
    }))

  it.effect("is nothing where nothing was, which makes nothing", () =>
    Effect.gen(function*() {
      const dataDir = join(yield* tempDir, "new")
      assert.isNull(yield* setAside(dataDir))
      assert.isNull(yield* setAside(dataDir))
      assert.deepStrictEqual(readdirSync(dataDir), ["LOCK"])
      // A disk that is new has this, and it is no data of a node.
      mkdirSync(join(dataDir, "lost+found"))
      assert.isNull(yield* setAside(dataDir))
    }))

  it.effect("stays while a process uses it", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* openSqlite(dataDir, n1)
      assert.strictEqual((yield* Effect.flip(setAside(dataDir))).reason, "in-use")
      assert.isTrue(existsSync(logFile(dataDir)))
    }))

  it.effect("starts nowhere when a crash has left a part of it behind, and is all moved by the next attempt", () =>
    Effect.gen(function*() {
      const { dataDir } = yield* crashed
      const order = inOrder(readdirSync(dataDir))
      assert.lengthOf(order, 4)
      for (let moved = 1; moved < order.length; moved++) {
        const left = yield* tempDir
        copyFiles(dataDir, left)
        for (const name of order.slice(0, moved)) rmSync(join(left, name), { recursive: true })
        assert.strictEqual((yield* Effect.flip(reopen(left))).reason, "corrupt")
        yield* setAside(left)
        assert.deepStrictEqual(readdirSync(join(left, "set-aside-1")).toSorted(), order.slice(moved).toSorted())
        assert.deepStrictEqual(modelOf(yield* reopen(left)), emptyModel)
      }
    }))
})
