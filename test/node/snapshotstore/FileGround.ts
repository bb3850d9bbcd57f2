/**
 * A data directory of its own for each test, and a file system that fails when it is told to.
 */
import { vi } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import { readdirSync, truncateSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { join } from "node:path"
import * as LogStoreMemory from "../../../src/node/logstore/LogStoreMemory.ts"
import { SnapshotStore, type SnapshotStoreError } from "../../../src/node/SnapshotStore.ts"
import * as SnapshotStoreFile from "../../../src/node/snapshotstore/SnapshotStoreFile.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { Ground } from "../../contract/snapshotstore/Ground.ts"
import { flip } from "../logstore/Damage.ts"
import { tempDir } from "../logstore/Directory.ts"

export interface FileGround extends Ground {
  /** Where the files are. */
  readonly directory: string
}

export const openFiles = (
  dataDir: string
): Effect.Effect<SnapshotStore["Service"], SnapshotStoreError, Scope.Scope> =>
  SnapshotStoreFile.layer({ dataDir }).pipe(
    Layer.provide(Layer.orDie(LogStoreMemory.layer({ nodeId: NodeId.make("n1") }))),
    Layer.build,
    Effect.map(Context.get(SnapshotStore))
  )

export const fileGround: Effect.Effect<FileGround, never, Scope.Scope> = Effect.gen(function*() {
  const dataDir = yield* tempDir
  const directory = join(dataDir, "snapshots")
  yield* Effect.addFinalizer(() => Effect.sync(() => vi.restoreAllMocks()))
  return {
    directory,
    open: openFiles(dataDir),
    fail,
    names: Effect.sync(() => readdirSync(directory)),
    cut: (name, bytes) => Effect.sync(() => truncateSync(join(directory, name), bytes)),
    flip: (name, at) => Effect.sync(() => flip(join(directory, name), at))
  }
})

const codes = { full: "ENOSPC", io: "EIO" }

/** Every write and every sync fails as Node would report it. */
const fail = (reason: "full" | "io" | null) =>
  Effect.promise(async () => {
    vi.restoreAllMocks()
    if (reason === null) return
    const handle = await open("/dev/null")
    const methods = Object.getPrototypeOf(handle) as Pick<FileHandle, "sync" | "write">
    await handle.close()
    const error = Object.assign(new Error(`${codes[reason]}: on demand`), { code: codes[reason], syscall: "fsync" })
    for (const name of ["sync", "write"] as const) vi.spyOn(methods, name).mockRejectedValue(error)
  })
