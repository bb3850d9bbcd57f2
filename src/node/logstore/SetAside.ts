/**
 * Takes everything that a node remembers out of its way, so that it starts as a new one (`--rejoin`).
 *
 * It moves and never deletes: what was set aside is in the data directory still, in a directory of its own, and a
 * person decides what becomes of it.
 */
import { Effect } from "effect"
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs"
import { basename, join } from "node:path"
import * as DataDirectory from "./DataDirectory.ts"
import { attempt } from "./Foreign.ts"
import * as LogFile from "./LogFile.ts"
import * as Watermark from "./Watermark.ts"

/** Gives the directory that has it all now; null when there was nothing. No process may use the data directory. */
export const setAside = Effect.fnUntraced(function*(dataDir: string) {
  yield* DataDirectory.acquire(dataDir)
  return yield* attempt(dataDir, () => move(dataDir))
}, Effect.scoped)

/**
 * What is to be moved, in this order: the log first and its watermark last. Where a crash leaves some of it behind,
 * that is a log which has lost its file, and no node starts on it.
 */
export const inOrder = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [log, watermark] = [LogFile.pathIn, Watermark.pathIn].map((pathIn) => basename(pathIn("")))
  const rank = (name: string) => (name === log ? 0 : name === watermark ? 2 : 1)
  // A disk of its own that is mounted here comes with `lost+found`.
  const isOurs = (name: string) => name !== "LOCK" && name !== "lost+found" && !name.startsWith("set-aside-")
  return names.filter(isOurs).toSorted((a, b) => rank(a) - rank(b))
}

const move = (dataDir: string): string | null => {
  const names = inOrder(readdirSync(dataDir))
  if (names.length === 0) return null
  const aside = freePlace(dataDir)
  mkdirSync(aside, { mode: 0o700 })
  DataDirectory.sync(dataDir)
  for (const name of names) {
    renameSync(join(dataDir, name), join(aside, name))
    DataDirectory.sync(aside)
    DataDirectory.sync(dataDir)
  }
  return aside
}

const freePlace = (dataDir: string, n = 1): string => {
  const path = join(dataDir, `set-aside-${n}`)
  return existsSync(path) ? freePlace(dataDir, n + 1) : path
}
