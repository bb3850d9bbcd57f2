/**
 * Directories that are gone after the test, and stores opened in them.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LogStore, type LogStoreError } from "../../../src/node/LogStore.ts"
import * as LogStoreSqlite from "../../../src/node/logstore/LogStoreSqlite.ts"
import type { NodeId } from "../../../src/raft/Membership.ts"

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
