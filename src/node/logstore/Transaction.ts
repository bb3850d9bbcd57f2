/**
 * A change of the log as one transaction of SQLite, which is one sync: all of it, or none.
 *
 * What compaction has left behind goes bit by bit, a few rows with each transaction, so that none of them is long.
 * Until it is gone nobody looks at it, because the log starts after it.
 */
import type { DatabaseSync } from "node:sqlite"
import type { HardState } from "../../raft/Action.ts"
import type { Position } from "../../raft/Entry.ts"
import type { StoreId } from "../../raft/Membership.ts"
import type { PeerMark } from "../peers/PeerMark.ts"
import { checksumOfBoots, checksumOfHardState, checksumOfPeer, checksumOfStart, type EntryRow } from "./Row.ts"
import { type Change, peersMax } from "./Writing.ts"

/**
 * What a write leaves for a checkpoint to do besides its entries. Each write adds at least a page to the write-ahead
 * log, but writes that follow each other change the same pages, and those are moved once.
 */
const overheadBytes = 1024

/** How many rows of garbage go with a write at least, and how many more for each entry that comes. */
const [sweptMin, sweptPerEntry] = [64, 2]

/**
 * Does a change, and says about how many bytes it has left for the next checkpoint to move. The first one notes with it
 * that the store was opened once more: an opening that has written nothing has promised nothing.
 */
export const makeTransact = (database: DatabaseSync, boots: number) => {
  const [begin, commit] = [database.prepare("BEGIN"), database.prepare("COMMIT")]
  const cut = database.prepare("DELETE FROM entry WHERE log_index > ?")
  const insert = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)")
  const beside = makeBeside(database)
  const sweep = makeSweep(database)
  let isBootNoted = false

  const run = ({ cutAfter, hardState, peers, start }: Change, rows: ReadonlyArray<EntryRow>, sequence: number) => {
    if (!isBootNoted) beside.boots(boots, sequence)
    if (hardState) beside.hardState(hardState, sequence)
    if (cutAfter !== null) cut.run(cutAfter)
    for (const row of rows) insert.run(...row)
    if (start) beside.start(start, sequence)
    if (peers.size > 0) beside.peers(peers, sequence)
    sweep(start, rows.length)
  }

  return (change: Change, rows: ReadonlyArray<EntryRow>, sequence: number): number => {
    begin.run()
    try {
      run(change, rows, sequence)
      commit.run()
    } catch (thrown) {
      // After some failures SQLite has rolled back already.
      if (database.isTransaction) database.exec("ROLLBACK")
      throw thrown
    }
    isBootNoted = true
    return overheadBytes + rows.reduce((sum, [, , , , payload]) => sum + payload.length, 0)
  }
}

/** The tables beside the log. */
const makeBeside = (database: DatabaseSync) => {
  const hardState = database.prepare("UPDATE hard_state SET term = ?, voted_for = ?, sequence = ?, checksum = ?")
  const boot = database.prepare("UPDATE boot SET boots = ?, sequence = ?, checksum = ?")
  const start = database.prepare("UPDATE start SET log_index = ?, term = ?, time = ?, sequence = ?, checksum = ?")
  const peer = database.prepare("INSERT OR REPLACE INTO peer VALUES (?, ?, ?, ?, ?)")
  const forget = database.prepare(
    `DELETE FROM peer WHERE store_id NOT IN (SELECT store_id FROM peer ORDER BY sequence DESC LIMIT ${peersMax})`
  )
  return {
    hardState: (to: HardState, sequence: number) =>
      hardState.run(to.term, to.votedFor, sequence, checksumOfHardState(to, sequence)),
    boots: (boots: number, sequence: number) => boot.run(boots, sequence, checksumOfBoots(boots, sequence)),
    start: (to: Position, sequence: number) =>
      start.run(to.index, to.term, to.time, sequence, checksumOfStart(to, sequence)),
    peers: (marks: ReadonlyMap<StoreId, PeerMark>, sequence: number) => {
      for (const [storeId, mark] of marks) {
        const { boots, matchIndex } = mark
        peer.run(storeId, boots, matchIndex, sequence, checksumOfPeer(storeId, mark, sequence))
      }
      forget.run()
    }
  }
}

/** Deletes the oldest rows that are before the start. Where it finds none, it looks again when the start moves. */
const makeSweep = (database: DatabaseSync) => {
  // One bound: of two, SQLite seeks to one and tries the other on each row before it, which may be a million rows.
  const oldest = database.prepare(
    "DELETE FROM entry WHERE log_index <= " +
      "min((SELECT log_index FROM start), (SELECT min(log_index) FROM entry) + ? - 1)"
  )
  let isClean = false
  return (start: Position | null, coming: number) => {
    if (isClean && start === null) return
    isClean = oldest.run(sweptMin + sweptPerEntry * coming).changes === 0
  }
}
