/**
 * The directory that holds all that a node remembers: made on the first start, locked for one process.
 *
 * The lock is one that the operating system takes back when the process ends, however it ends. Nobody else opens the
 * lock's file: a process loses such a lock as soon as it closes the file anywhere.
 */
import { Effect } from "effect"
import { accessSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { failure } from "./Failure.ts"
import { attempt } from "./Foreign.ts"

/** Holds the directory for this process until the scope closes. */
export const acquire = Effect.fnUntraced(function*(dataDir: string) {
  yield* attempt(dataDir, () => make(dataDir))
  const lock = yield* Effect.acquireRelease(
    attempt(dataDir, () => new DatabaseSync(join(dataDir, "LOCK"))),
    (lock) => Effect.ignore(attempt(dataDir, () => lock.close()))
  )
  yield* attempt(dataDir, () => {
    // A transaction that is begun and never used: SQLite takes its lock on the file, and writes nothing.
    lock.exec("PRAGMA journal_mode = MEMORY")
    lock.exec("BEGIN EXCLUSIVE")
  })
})

/** Makes a file durable, or the names in a directory. */
export const sync = (path: string): void => {
  const file = openSync(path, "r")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

// Not `mkdirSync` with `recursive`: where a parent can have no children, as in /proc, it never returns.
/** Makes it, if it is not there, with its parents, all of them durable. */
export const make = (dataDir: string, path = resolve(dataDir)): void => {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw failure("not-writable", dataDir, `${path} is not a directory`)
    return syncName(path)
  }
  make(dataDir, dirname(path))
  mkdirSync(path, { mode: 0o700 })
  sync(dirname(path))
}

// Whoever made it may have been killed before its name was on disk. Where we cannot write we have not made it.
const syncName = (path: string): void => {
  const parent = dirname(path)
  if (isWritable(parent)) sync(parent)
}

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK | constants.R_OK)
    return true
  } catch {
    return false
  }
}
