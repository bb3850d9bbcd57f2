/**
 * The SQLite file of a log: how it is made, opened and laid out.
 *
 * A file by this name is whole: it is built under another name and then given its own. It is opened by one process
 * alone, and each of its commits is on disk when it returns.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { HardState } from "../../raft/Action.ts"
import type { Term } from "../../raft/Entry.ts"
import type { NodeId, StoreId } from "../../raft/Membership.ts"
import * as DataDirectory from "./DataDirectory.ts"
import { failure } from "./Failure.ts"
import { checksumOfBoots, checksumOfHardState, checksumOfStart, checksumOfStore } from "./Row.ts"
import { logStart } from "./Writing.ts"

/** Raised whenever an older release could not read what is stored. */
const formatVersion = 2

/** "Hold", in SQLite's field for the program that a file belongs to. */
const applicationId = 0x486f6c64

const schema1 = `
  CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    node_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE hard_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    term INTEGER NOT NULL,
    voted_for TEXT,
    sequence INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE entry (
    log_index INTEGER PRIMARY KEY,
    term INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    payload BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  PRAGMA application_id = ${applicationId};
`

/** Format 2 knows where the log starts, how often it was opened, and how far others were seen to have come. */
const schema2 = `
  CREATE TABLE start (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    log_index INTEGER NOT NULL,
    term INTEGER NOT NULL,
    time INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  INSERT INTO start VALUES (1, 0, 0, 0, 0, ${checksumOfStart(logStart, 0)});
  CREATE TABLE boot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    boots INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  INSERT INTO boot VALUES (1, 0, 0, ${checksumOfBoots(0, 0)});
  CREATE TABLE peer (
    store_id TEXT PRIMARY KEY,
    boots INTEGER NOT NULL,
    match_index INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = 2;
`

export const pathIn = (dataDir: string): string => join(dataDir, "log.sqlite")

/** Makes an empty log. A crash at any point leaves either none, or all of it. */
export const create = (dataDir: string, nodeId: NodeId, storeId: StoreId): void => {
  const path = pathIn(dataDir)
  const unfinished = `${path}.new`
  for (const suffix of ["", "-journal", "-wal"]) rmSync(`${unfinished}${suffix}`, { force: true })
  const database = new DatabaseSync(unfinished)
  try {
    database.exec(`PRAGMA synchronous = FULL; BEGIN; ${schema1} ${schema2}`)
    database.prepare("INSERT INTO store VALUES (1, ?, ?, ?)").run(nodeId, storeId, checksumOfStore(nodeId, storeId))
    database.prepare("INSERT INTO hard_state VALUES (1, 0, NULL, 0, ?)").run(checksumOfHardState(noHardState, 0))
    database.exec("COMMIT; PRAGMA journal_mode = WAL")
  } finally {
    database.close()
  }
  renameSync(unfinished, path)
  DataDirectory.sync(dataDir)
}

const noHardState: HardState = { term: 0 as Term, votedFor: null }

/** Takes the file for this process alone, and checks it as far as SQLite can. */
export const configure = (database: DatabaseSync, dataDir: string): void => {
  // In this order: a connection that is exclusive before it first looks at the log keeps its index of the WAL on its
  // own heap, where no other process can join.
  expectPragma(database, dataDir, "locking_mode", "EXCLUSIVE", "exclusive")
  expectPragma(database, dataDir, "journal_mode", "WAL", "wal")
  // SQLite syncs what a checkpoint needs; the sync of each commit is `WalSync`.
  expectPragma(database, dataDir, "synchronous", "NORMAL", 1)
  // Checkpoints are ours to start: SQLite's own do not tell when they fail.
  expectPragma(database, dataDir, "wal_autocheckpoint", "0", 0)
  const [found] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})
  if (found !== "ok") {
    throw failure("corrupt", dataDir, `${pathIn(dataDir)} fails SQLite's check: ${String(found)}`)
  }
}

const expectPragma = (
  database: DatabaseSync,
  dataDir: string,
  name: string,
  value: string,
  expected: unknown
): void => {
  database.exec(`PRAGMA ${name} = ${value}`)
  const [found] = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})
  if (found !== expected) {
    throw failure("io", dataDir, `SQLite has ${name} ${String(found)} there and not ${String(expected)}`)
  }
}

/**
 * Brings a log of format 1 to the present one, in one transaction. It is moved into the file at once, so that the
 * first bytes tell an older release to leave it alone.
 */
export const migrate = (database: DatabaseSync, dataDir: string, versionInFile: number): void => {
  const [version] = Object.values(database.prepare("PRAGMA user_version").get() ?? {})
  expectKnown(dataDir, Number(version))
  if (version === 1) database.exec(`BEGIN; ${schema2} COMMIT`)
  if (versionInFile !== formatVersion) database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
}

const expectKnown = (dataDir: string, version: number): void => {
  const known = `${pathIn(dataDir)} has format ${version}, and this release knows formats 1 to ${formatVersion}`
  if (version > formatVersion) throw failure("unsupported-version", dataDir, known)
  if (version < 1) throw failure("corrupt", dataDir, known)
}

/** What stands in the first bytes of a file, before SQLite gets to see it; gives the format that they tell. */
export const checkHeader = (dataDir: string): number => {
  const path = pathIn(dataDir)
  const header = readStart(path, 100)
  const isOurs = header.toString("latin1", 0, 16) === "SQLite format 3\0" && header.readInt32BE(68) === applicationId
  if (!isOurs) throw failure("corrupt", dataDir, `${path} is not a log of this program`)
  const version = header.readUInt32BE(60)
  expectKnown(dataDir, version)
  return version
}

/** Zeros stand for what a file is too short to have. */
const readStart = (path: string, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  const file = openSync(path, "r")
  try {
    readSync(file, bytes, 0, length, 0)
  } finally {
    closeSync(file)
  }
  return bytes
}

/**
 * Puts on disk what is about to be read, before SQLite has the file open: it may be what a killed process wrote and
 * never synced, which the operating system still shows, and which is acknowledged from now on without a write.
 */
export const sync = (dataDir: string): void => {
  const path = pathIn(dataDir)
  for (const file of [path, `${path}-wal`]) if (existsSync(file)) DataDirectory.sync(file)
  DataDirectory.sync(dataDir)
}

/** Whether a log was ever made here. Parts without their main file are a log that was lost. */
export const exists = (dataDir: string, companions: ReadonlyArray<string>): boolean => {
  const path = pathIn(dataDir)
  if (existsSync(path)) return true
  const left = companions.find((name) => existsSync(name))
  if (left !== undefined) throw failure("corrupt", dataDir, `${path} is missing, but ${left} is there`)
  return false
}
