/**
 * The data directory of a cluster on this machine: made when missing, and held by one `holdfast dev` at a
 * time, with the node directories and `dev.json` inside.
 */
import { Effect, FileSystem } from "effect"
import { DatabaseSync } from "node:sqlite"
import { fileFault } from "../../node/config/FileFault.ts"
import { DevFailed } from "./DevFailed.ts"

/** Makes the directory and holds it until the scope closes. */
export const hold = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(path, { recursive: true }).pipe(
    Effect.mapError((error) =>
      new DevFailed({ message: `cannot make the data directory ${path}: ${fileFault(error)}` })
    )
  )
  yield* Effect.acquireRelease(lock(path), (database) => Effect.sync(() => database.close()))
})

// A lock of SQLite's is the one lock at hand that the kernel takes back from a process that was killed.
const lock = (path: string) =>
  Effect.try({
    try: () => {
      const database = new DatabaseSync(`${path}/dev.lock`, { timeout: 0 })
      database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
      return database
    },
    catch: (error) => new DevFailed({ message: lockFault(path, error) })
  })

const lockFault = (path: string, error: unknown): string => {
  const busy = 5
  return error instanceof Error && "errcode" in error && error.errcode === busy
    ? `another holdfast dev holds ${path}; stop it, or choose another directory with --data-dir`
    : `cannot write to the data directory ${path}: ${error instanceof Error ? error.message : String(error)}`
}
