/**
 * Writes to an open log: one transaction and one sync for each write, and checkpoints small enough not to be felt.
 *
 * A write that fails leaves nothing behind. A write that has succeeded stays so, whatever becomes of the checkpoint
 * after it.
 */
import { Effect } from "effect"
import type { DatabaseSync } from "node:sqlite"
import type { Position } from "../../raft/Entry.ts"
import { attempt } from "./Foreign.ts"
import { encodeEntry } from "./Row.ts"
import { makeTransact } from "./Transaction.ts"
import type { WalSync } from "./WalSync.ts"
import type { Watermark } from "./Watermark.ts"
import type { Change, Disk, Tail } from "./Writing.ts"

/**
 * What may gather in the write-ahead log before it is moved into the file: that takes about as long as two commits. Of
 * small writes, which fill no page of their own, the log grows to some four times as much meanwhile, and to thirty
 * times while they take with them what compaction has left.
 */
const checkpointBytes = 1_048_576

interface Options {
  readonly database: DatabaseSync
  readonly dataDir: string
  /** How often the store has been opened, this time included. */
  readonly boots: number
  readonly tail: Tail
  /** The number of the last write so far. */
  readonly sequence: number
  readonly wal: WalSync
  readonly watermark: Watermark
}

export const makeSqliteDisk = (options: Options): Disk => {
  const { boots, database, dataDir, wal, watermark } = options
  const transact = makeTransact(database, boots)
  const select = database.prepare("SELECT log_index AS \"index\", term, time FROM entry WHERE log_index = ?")
  const checkpoint = makeCheckpoint(database, dataDir)
  let { sequence, tail } = options

  const commit = (change: Change) => {
    const rows = change.entries.map((entry) => encodeEntry(entry, sequence + 1))
    const bytes = transact(change, rows, sequence + 1)
    wal.sync()
    sequence += 1
    tail = change.tail
    return bytes
  }
  const note = Effect.ignore(attempt(dataDir, () => watermark.note(sequence)))
  return {
    tail: () => tail,
    positionAt: (index) => attempt(dataDir, () => select.get(index) as unknown as Position),
    persist: (change) =>
      checkpoint.before.pipe(
        Effect.andThen(attempt(dataDir, () => checkpoint.count(commit(change)))),
        // The write has succeeded. A note that cannot be written says less than it could, and nothing wrong.
        Effect.andThen(note)
      )
  }
}

/**
 * Moves the write-ahead log into the file before it grows beyond its bound. It starts before a write, so that a sync
 * that fails here is the failure of that write. When the disk is too full for it, the write itself may still find room.
 */
const makeCheckpoint = (database: DatabaseSync, dataDir: string) => {
  const statement = database.prepare("PRAGMA wal_checkpoint(PASSIVE)")
  let bytes = 0
  const run = Effect.catchIf(
    attempt(dataDir, () => statement.get()),
    ({ reason }) => reason === "full",
    () => Effect.void
  )
  return {
    before: Effect.suspend(() => {
      if (bytes < checkpointBytes) return Effect.void
      bytes = 0
      return run
    }),
    count: (written: number) => {
      bytes += written
    }
  }
}
