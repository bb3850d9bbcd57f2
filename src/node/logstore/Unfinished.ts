/**
 * The mark of a data directory that `snapshot restore` has begun to make and has not finished.
 *
 * An empty log and no snapshot is what it has after its first step, and a node that started on that would found a
 * new cluster, whose tokens begin again at 1. So the mark is durable before anything else is there, and goes last of
 * all; no node starts beside it. The directory may be a mount point, which cannot be renamed when it is done.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as DataDirectory from "./DataDirectory.ts"
import { failure } from "./Failure.ts"

export const name = "restoring"

const pathIn = (dataDir: string): string => join(dataDir, name)

const words = "A restore from a backup has begun here. While this file is here, no node starts on this directory.\n"

export const mark = (dataDir: string): void => {
  DataDirectory.make(dataDir)
  writeFileSync(pathIn(dataDir), words, { mode: 0o600 })
  DataDirectory.sync(pathIn(dataDir))
  DataDirectory.sync(dataDir)
}

/** All is there, and durable. */
export const unmark = (dataDir: string): void => {
  rmSync(pathIn(dataDir))
  DataDirectory.sync(dataDir)
}

export const refuse = (dataDir: string): void => {
  if (existsSync(pathIn(dataDir))) throw failure("unfinished", dataDir, "")
}

/** Removes what an attempt has left that was cut short. Without the mark, another one has been finished meanwhile. */
export const clear = (dataDir: string): void => {
  if (!existsSync(pathIn(dataDir))) throw failure("in-use", dataDir, "")
  const isOurs = (found: string) => found === "snapshots" || found.startsWith("log.")
  for (const found of readdirSync(dataDir)) if (isOurs(found)) rmSync(join(dataDir, found), { recursive: true })
}
