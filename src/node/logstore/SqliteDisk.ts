/**
 * Writes to an open log: one transaction and one sync for each write, and checkpoints small enough not to be felt.
 *
 * A write that fails leaves nothing behind. A write that has succeeded stays so, whatever becomes of the checkpoint
 * after it.
 */
import { Effect } from "effect"
import type { DatabaseSync } from "node:sqlite"
import type { HardState } from "../../raft/Action.ts"
import type { LogWrite } from "../LogStore.ts"
import { attempt } from "./Foreign.ts"
import { checksumOfHardState, encodeEntry, type EntryRow } from "./Row.ts"
import type { Watermark } from "./Watermark.ts"
import { type Disk, logStart, type Position, type Tail } from "./Writing.ts"

/** What the write-ahead log may grow to before it is moved into the file: about as long as two commits take. */
const checkpointBytes = 1_048_576

/** What a write adds to the write-ahead log besides its entries: the pages that it does not fill. */
const overheadBytes = 8192

interface Options {
  readonly database: DatabaseSync
  readonly dataDir: string
  readonly tail: Tail
  /** The number of the last write so far. */
  readonly sequence: number
  readonly watermark: Watermark
}

export const makeSqliteDisk = (options: Options): Disk => {
  const { database, dataDir, watermark } = options
  const transact = makeTransact(database)
  const select = database.prepare("SELECT log_index AS \"index\", term, time FROM entry WHERE log_index = ?")
  const checkpoint = makeCheckpoint(database, dataDir)
  let { sequence, tail } = options

  const stored = (index: number): Position => {
    if (index <= 0) return logStart
    return index === tail.last.index ? tail.last : select.get(index) as unknown as Position
  }
  const commit = (write: LogWrite, rows: ReadonlyArray<EntryRow>) => {
    transact(write.hardState, rows, sequence + 1)
    sequence += 1
    tail = { hardState: write.hardState ?? tail.hardState, last: write.entries.at(-1) ?? tail.last }
  }
  return {
    tail: () => tail,
    positionAt: (index) => attempt(dataDir, () => stored(index)),
    persist: Effect.fnUntraced(function*(write) {
      const rows = write.entries.map((entry) => encodeEntry(entry, sequence + 1))
      yield* checkpoint(rows)
      yield* attempt(dataDir, () => commit(write, rows))
      // The write has succeeded. A note that cannot be written says less than it could, and nothing wrong.
      yield* Effect.ignore(attempt(dataDir, () => watermark.note(sequence)))
    })
  }
}

/** All of a write in one transaction, which is one sync. */
const makeTransact = (database: DatabaseSync) => {
  const begin = database.prepare("BEGIN")
  const commit = database.prepare("COMMIT")
  const drop = database.prepare("DELETE FROM entry WHERE log_index >= ?")
  const insert = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)")
  const update = database.prepare("UPDATE hard_state SET term = ?, voted_for = ?, sequence = ?, checksum = ?")

  return (hardState: HardState | null, rows: ReadonlyArray<EntryRow>, sequence: number): void => {
    begin.run()
    try {
      if (hardState) {
        update.run(hardState.term, hardState.votedFor, sequence, checksumOfHardState(hardState, sequence))
      }
      if (rows[0]) drop.run(rows[0][0])
      for (const row of rows) insert.run(...row)
      commit.run()
    } catch (thrown) {
      // After some failures SQLite has rolled back already.
      if (database.isTransaction) database.exec("ROLLBACK")
      throw thrown
    }
  }
}

/**
 * Moves the write-ahead log into the file before it grows beyond its bound. It starts before a write, so that a sync
 * that fails here is the failure of that write. When the disk is too full for it, the write itself may still find room.
 */
const makeCheckpoint = (database: DatabaseSync, dataDir: string) => {
  const statement = database.prepare("PRAGMA wal_checkpoint(PASSIVE)")
  let bytes = 0
  return Effect.fnUntraced(function*(rows: ReadonlyArray<EntryRow>) {
    if (bytes >= checkpointBytes) {
      yield* Effect.catchIf(
        attempt(dataDir, () => statement.get()),
        ({ reason }) => reason === "full",
        () => Effect.void
      )
      bytes = 0
    }
    bytes += overheadBytes + rows.reduce((sum, [, , , , payload]) => sum + payload.length, 0)
  })
}
