/**
 * The sync that makes a commit durable: it comes after the commit is in the write-ahead log and before the write is
 * acknowledged, and when it fails nobody says any more what the disk holds.
 */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { StatementSync } from "node:sqlite"
import { NodeId } from "../../../src/raft/Membership.ts"
import { logFile } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { commandOf, entriesOf, hardStateOf } from "./Entries.ts"

const n1 = NodeId.make("n1")
const term1 = hardStateOf(1, null)

afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})

/** The commits and syncs of data from now on, in order; a sync with the inode of its file. */
const watch = (fail?: { readonly code: string }) => {
  const seen: Array<"commit" | number> = []
  const { fdatasyncSync } = fs
  vi.spyOn(fs, "fdatasyncSync").mockImplementation((file) => {
    if (fail) throw Object.assign(new Error(`${fail.code}: on demand`), { ...fail, syscall: "fdatasync" })
    fdatasyncSync(file)
    seen.push(fs.fstatSync(file).ino)
  })
  syncBuiltinESMExports()
  const { run } = StatementSync.prototype
  vi.spyOn(StatementSync.prototype, "run").mockImplementation(function(this: StatementSync, ...values) {
    const result = run.apply(this, values)
    if (this.sourceSQL === "COMMIT") seen.push("commit")
    return result
  })
  return seen
}

describe("A write", () => {
  it.effect("syncs the write-ahead log when its commit is in there, each time", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const store = yield* openSqlite(dataDir, n1)
      const seen = watch()
      const wal = fs.statSync(`${logFile(dataDir)}-wal`).ino
      for (const index of [1, 2, 3]) {
        yield* store.write({ hardState: term1, entries: entriesOf(index, index) })
        assert.deepStrictEqual(seen.splice(0), ["commit", wal])
      }
    }))

  it.effect("syncs the same file after a checkpoint, when the log begins anew", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const store = yield* openSqlite(dataDir, n1)
      const seen = watch()
      for (const index of [1, 2, 3]) {
        yield* store.write({ hardState: term1, entries: [commandOf(index, new Uint8Array(1_100_000))] })
      }
      const wal = fs.statSync(`${logFile(dataDir)}-wal`).ino
      assert.deepStrictEqual(seen.filter((one) => one !== "commit"), [wal, wal, wal])
    }))

  it.effect.each(["EIO", "ENOSPC"])("whose sync fails with %s fails for good", (code) =>
    Effect.gen(function*() {
      const store = yield* openSqlite(yield* tempDir, n1)
      watch({ code })
      const write = Effect.flip(store.write({ hardState: term1, entries: entriesOf(1, 1) }))
      assert.strictEqual((yield* write).reason, "io")
      vi.restoreAllMocks()
      syncBuiltinESMExports()
      assert.strictEqual((yield* write).reason, "io")
    }))
})
