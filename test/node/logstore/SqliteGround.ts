/**
 * A data directory of its own for each test, and a SQLite that fails when it is told to.
 */
import { vi } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { StatementSync } from "node:sqlite"
import type { Ground } from "../../contract/logstore/Ground.ts"
import { openSqlite, tempDir } from "./Directory.ts"

export interface SqliteGround extends Ground {
  readonly dataDir: string
}

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
