/**
 * A data directory of its own for each test, and a SQLite that fails when it is told to.
 */
import { vi } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { StatementSync } from "node:sqlite"
import { LogStore, type LogStoreError } from "../../../src/node/LogStore.ts"
import * as LogStoreSqlite from "../../../src/node/LogStoreSqlite.ts"
import type { NodeId } from "../../../src/raft/Membership.ts"
import type { Ground } from "../../contract/LogStore.ts"

export interface SqliteGround extends Ground {
  readonly dataDir: string
}

export const tempDir: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const openSqlite = (
  dataDir: string,
  nodeId: NodeId
): Effect.Effect<LogStore["Service"], LogStoreError, Scope.Scope> =>
  LogStoreSqlite.layer({ dataDir, nodeId }).pipe(
    Layer.provide(SecureRandom.layerWebCrypto),
    Layer.build,
    Effect.map(Context.get(LogStore))
  )

export const sqliteGround: Effect.Effect<SqliteGround, never, Scope.Scope> = Effect.gen(function*() {
  const dataDir = yield* tempDir
  yield* Effect.addFinalizer(() => failCommits(null))
  return {
    dataDir,
    open: (nodeId) => openSqlite(dataDir, nodeId),
    fail: (reason) => failCommits(reason === null ? null : sqliteErrors[reason])
  }
})

const sqliteErrors = {
  full: { errcode: 13, message: "database or disk is full" },
  io: { errcode: 1034, message: "disk I/O error" } // SQLITE_IOERR_FSYNC
}

/** Every commit fails as SQLite would report it, with nothing written. */
const failCommits = (error: { readonly errcode: number; readonly message: string } | null) =>
  Effect.sync(() => {
    vi.restoreAllMocks()
    if (error === null) return
    const run = StatementSync.prototype.run
    vi.spyOn(StatementSync.prototype, "run").mockImplementation(function(this: StatementSync, ...values) {
      if (this.sourceSQL !== "COMMIT") return run.apply(this, values)
      throw Object.assign(new Error(error.message), { code: "ERR_SQLITE_ERROR", errcode: error.errcode })
    })
  })
