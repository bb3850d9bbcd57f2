/**
 * The sync that makes a commit durable: of the write-ahead log, once SQLite has written all of the commit into it.
 *
 * SQLite would do it itself, with `fsync`. Where the file system has a journal that costs a write more, for the time at
 * which the file was changed, and takes twice as long; `fdatasync` leaves out only what nobody needs to read it back.
 * The syncs around a checkpoint, and that of the head of a log that begins anew, remain SQLite's.
 */
import { closeSync, fdatasyncSync, openSync } from "node:fs"
import { failure } from "./Failure.ts"
import * as LogFile from "./LogFile.ts"

export interface WalSync {
  /** Throws a `LogStoreError` that says `io`, whatever has gone wrong: nobody knows then what the disk holds. */
  readonly sync: () => void
  readonly close: () => void
}

/** Of a database that is open: the file is the same one for as long as that is. */
export const open = (dataDir: string): WalSync => {
  const file = openSync(`${LogFile.pathIn(dataDir)}-wal`, "r+")
  return {
    sync: () => {
      try {
        fdatasyncSync(file)
      } catch (thrown) {
        throw failure("io", dataDir, thrown instanceof Error ? thrown.message : String(thrown), thrown)
      }
    },
    close: () => closeSync(file)
  }
}
