/**
 * The data directory of a log: made on the first start and never by half, refused where it cannot be, and kept small;
 * and what the open file promises of each commit.
 */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync, StatementSync } from "node:sqlite"
import { LogStore } from "../../../src/node/LogStore.ts"
import * as LogStoreSqlite from "../../../src/node/logstore/LogStoreSqlite.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { logFile } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { commandOf, entriesOf, hardStateOf } from "./Entries.ts"
import { emptyModel, modelOf } from "./Model.ts"

const n1 = NodeId.make("n1")
const term1 = hardStateOf(1, null)
const refusal = (dataDir: string) => Effect.flip(Effect.scoped(openSqlite(dataDir, n1)))

afterEach(() => vi.restoreAllMocks())

describe("The first start", () => {
  it.effect("makes the directory and its parents, for this user alone", () =>
    Effect.gen(function*() {
      const parent = join(yield* tempDir, "a")
      yield* openSqlite(join(parent, "b"), n1)
      for (const path of [parent, join(parent, "b")]) assert.strictEqual(statSync(path).mode & 0o777, 0o700, path)
    }))

  it.effect("takes an empty directory as it is", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.deepStrictEqual(modelOf(recovered), emptyModel)
    }))

  it.effect("draws the store id from the secure source", () =>
    Effect.gen(function*() {
      const random = Layer.succeed(
        SecureRandom.SecureRandom,
        SecureRandom.make((size) => new Uint8Array(size).fill(0xab))
      )
      const dataDir = yield* tempDir
      const context = yield* Layer.build(Layer.provide(LogStoreSqlite.layer({ dataDir, nodeId: n1 }), random))
      assert.strictEqual(Context.get(context, LogStore).recovered.storeId, "ab".repeat(16))
    }))

  it.effect("begins again where one was cut short", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      for (const suffix of ["", "-journal", "-wal"]) writeFileSync(`${logFile(dataDir)}.new${suffix}`, "half")
      yield* Effect.scoped(
        Effect.flatMap(openSqlite(dataDir, n1), (store) => store.write({ hardState: term1, entries: [] }))
      )
      assert.isFalse(existsSync(`${logFile(dataDir)}.new`))
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.deepStrictEqual(recovered.hardState, term1)
    }))
})

describe("A directory that cannot be", () => {
  it.effect("because a file is there is named as what is wrong", () =>
    Effect.gen(function*() {
      const file = join(yield* tempDir, "file")
      writeFileSync(file, "")
      for (const dataDir of [file, join(file, "below"), join(file, "far", "below")]) {
        const error = yield* refusal(dataDir)
        assert.strictEqual(error.reason, "not-writable")
        assert.include(error.message, `The data directory ${dataDir} cannot be written`)
        assert.include(error.message, `${file} is not a directory`)
      }
    }))

  it.effect("because its log is a directory is not writable", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      mkdirSync(logFile(dataDir))
      assert.strictEqual((yield* refusal(dataDir)).reason, "not-writable")
    }))

  // Node's own recursive mkdir never returns from there.
  it.effect.runIf(existsSync("/proc/self"))(
    "because its parent takes no children is not writable",
    () =>
      Effect.gen(function*() {
        for (const dataDir of ["/proc/holdfast", "/proc/holdfast/data"]) {
          assert.strictEqual((yield* refusal(dataDir)).reason, "not-writable")
        }
      })
  )
})

describe("An open log", () => {
  it.effect("holds the directory, and not only the files that are in it", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* openSqlite(dataDir, n1)
      for (const name of readdirSync(dataDir)) if (name !== "LOCK") rmSync(join(dataDir, name))
      assert.strictEqual((yield* refusal(dataDir)).reason, "in-use")
    }))

  it.effect("syncs what a checkpoint needs, alone with its file", () =>
    Effect.gen(function*() {
      const prepare = vi.spyOn(DatabaseSync.prototype, "prepare")
      yield* openSqlite(yield* tempDir, n1)
      const connection = prepare.mock.contexts.at(-1) as DatabaseSync
      vi.restoreAllMocks()
      const pragma = (name: string) => connection.prepare(`PRAGMA ${name}`).get()
      assert.deepEqual(pragma("synchronous"), { synchronous: 1 })
      assert.deepEqual(pragma("journal_mode"), { journal_mode: "wal" })
      assert.deepEqual(pragma("locking_mode"), { locking_mode: "exclusive" })
    }))

  it.effect("writes a transaction for each write, whatever is in it", () =>
    Effect.gen(function*() {
      const store = yield* openSqlite(yield* tempDir, n1)
      const run = vi.spyOn(StatementSync.prototype, "run")
      yield* store.write({ hardState: term1, entries: entriesOf(1, 100) })
      const statements = run.mock.contexts.map((statement) => (statement as StatementSync).sourceSQL)
      vi.restoreAllMocks()
      assert.deepStrictEqual(statements.filter((sql) => sql === "BEGIN" || sql === "COMMIT"), ["BEGIN", "COMMIT"])
      assert.deepStrictEqual([statements[0], statements.at(-1)], ["BEGIN", "COMMIT"])
    }))

  it.effect("keeps its write-ahead log short, and all that went through it", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const entries = Array.from({ length: 100 }, (_, n) => commandOf(n + 1, new Uint8Array(100_000).fill(n)))
      yield* Effect.scoped(Effect.gen(function*() {
        const store = yield* openSqlite(dataDir, n1)
        yield* store.write({ hardState: term1, entries: [] })
        for (const entry of entries) {
          yield* store.write({ hardState: null, entries: [entry] })
          assert.isBelow(statSync(`${logFile(dataDir)}-wal`).size, 2_000_000)
        }
      }))
      assert.isAbove(statSync(logFile(dataDir)).size, 10_000_000)
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.deepStrictEqual(recovered.entries, entries)
    }))

  it.effect("leaves nothing but itself, its watermark and its lock when it is closed", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* Effect.scoped(
        Effect.flatMap(openSqlite(dataDir, n1), (store) => store.write({ hardState: term1, entries: [] }))
      )
      assert.deepStrictEqual(readdirSync(dataDir).toSorted(), ["LOCK", "log.sqlite", "log.watermark"])
    }))
})

describe("A checkpoint", () => {
  const fail = (errcode: number) => {
    const get = StatementSync.prototype.get
    vi.spyOn(StatementSync.prototype, "get").mockImplementation(function(this: StatementSync, ...values) {
      if (!this.sourceSQL.includes("wal_checkpoint")) return get.apply(this, values)
      throw Object.assign(new Error("checkpoint"), { code: "ERR_SQLITE_ERROR", errcode })
    })
  }
  const large = (index: number) => ({ hardState: term1, entries: [commandOf(index, new Uint8Array(1_100_000))] })

  it.effect("that fails is the failure of the write it comes before", () =>
    Effect.gen(function*() {
      const store = yield* openSqlite(yield* tempDir, n1)
      yield* store.write(large(1))
      fail(1034)
      const error = yield* Effect.flip(store.write(large(2)))
      vi.restoreAllMocks()
      assert.strictEqual(error.reason, "io")
      assert.strictEqual((yield* Effect.flip(store.write(large(2)))).reason, "io")
    }))

  it.effect("that finds no room stops no write that finds some", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* Effect.scoped(Effect.gen(function*() {
        const store = yield* openSqlite(dataDir, n1)
        yield* store.write(large(1))
        fail(13)
        yield* store.write(large(2))
        vi.restoreAllMocks()
        yield* store.write(large(3))
      }))
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.lengthOf(recovered.entries, 3)
    }))
})
