/**
 * Reads a log back and believes nothing: every row by its checksum, the rows together by the rules of a log.
 *
 * What cannot have been written so is reported with its table and place, and nothing is repaired.
 */
import type { DatabaseSync } from "node:sqlite"
import type { HardState } from "../../raft/Action.ts"
import type { Entry, LogIndex, Position, Term } from "../../raft/Entry.ts"
import type { NodeId, StoreId } from "../../raft/Membership.ts"
import type { Recovered } from "../LogStore.ts"
import type { PeerMark } from "../peers/PeerMark.ts"
import { failure } from "./Failure.ts"
import {
  type BootRow,
  checksumOfBoots,
  checksumOfEntry,
  checksumOfHardState,
  checksumOfPeer,
  checksumOfStart,
  checksumOfStore,
  decodePayload,
  type EntryRow,
  type HardStateRow,
  type PeerRow,
  type StartRow,
  type StoreRow
} from "./Row.ts"
import { makeSlab } from "./Slab.ts"
import { whyNotIn, whyNotNext } from "./Writing.ts"

/** Whose log it is, once it is known to be this node's. */
export const readStore = (database: DatabaseSync, dataDir: string, self: NodeId): StoreId => {
  const row = database.prepare("SELECT node_id, store_id, checksum FROM store").get() as StoreRow | undefined
  if (row === undefined) throw failure("corrupt", dataDir, "table store has no row")
  const [nodeId, storeId] = [row.node_id as NodeId, row.store_id as StoreId]
  expectChecksum(dataDir, "table store", row.checksum, checksumOfStore(nodeId, storeId))
  if (nodeId !== self) throw failure("wrong-node", dataDir, `belongs to node ${nodeId}, and this is node ${self}`)
  return storeId
}

const expectChecksum = (dataDir: string, what: string, stored: number, computed: number): void => {
  if (stored === computed) return
  throw failure("corrupt", dataDir, `${what} has checksum ${stored} where its content gives ${computed}`)
}

type Found = Omit<Recovered, "nodeId" | "storeId"> & {
  /** The number of the last write that is in it. */
  readonly sequence: number
}

/** All that must survive. */
export const recover = (database: DatabaseSync, dataDir: string): Found => {
  const { hardState, ...hard } = readHardState(database, dataDir)
  const { start, ...begin } = readStart(database, dataDir)
  const { boots, ...boot } = readBoots(database, dataDir)
  const { peers, ...others } = readPeers(database, dataDir)
  const { entries, ...log } = readEntries(database, dataDir, start)
  const impossible = whyNotIn(hardState, entries.at(-1) ?? start)
  if (impossible !== undefined) throw failure("corrupt", dataDir, `in table entry, ${impossible}`)
  const sequence = Math.max(...[hard, begin, boot, others, log].map(({ sequence }) => sequence))
  return { hardState, start, boots, peers, entries, sequence }
}

/** Term and vote are never made up: without them a node could vote twice (§5.2). */
const readHardState = (database: DatabaseSync, dataDir: string) => {
  const select = database.prepare("SELECT term, voted_for, sequence, checksum FROM hard_state")
  const row = select.get() as HardStateRow | undefined
  if (row === undefined) throw failure("corrupt", dataDir, "table hard_state has no row: term and vote are lost")
  const hardState: HardState = { term: row.term as Term, votedFor: row.voted_for as NodeId | null }
  expectChecksum(dataDir, "table hard_state", row.checksum, checksumOfHardState(hardState, row.sequence))
  return { hardState, sequence: row.sequence }
}

/** Without its start, nobody can say whether a log that begins late is whole. */
const readStart = (database: DatabaseSync, dataDir: string) => {
  const select = database.prepare("SELECT log_index, term, time, sequence, checksum FROM start")
  const row = select.get() as StartRow | undefined
  if (row === undefined) throw failure("corrupt", dataDir, "table start has no row")
  const start: Position = { index: row.log_index as LogIndex, term: row.term as Term, time: row.time }
  expectChecksum(dataDir, "table start", row.checksum, checksumOfStart(start, row.sequence))
  return { start, sequence: row.sequence }
}

const readBoots = (database: DatabaseSync, dataDir: string) => {
  const row = database.prepare("SELECT boots, sequence, checksum FROM boot").get() as BootRow | undefined
  if (row === undefined) throw failure("corrupt", dataDir, "table boot has no row")
  expectChecksum(dataDir, "table boot", row.checksum, checksumOfBoots(row.boots, row.sequence))
  return { boots: row.boots, sequence: row.sequence }
}

const readPeers = (database: DatabaseSync, dataDir: string) => {
  const peers = new Map<StoreId, PeerMark>()
  let last = 0
  for (const row of database.prepare("SELECT * FROM peer ORDER BY sequence").iterate()) {
    const { boots, checksum, match_index, sequence, store_id } = row as unknown as PeerRow
    const storeId = store_id as StoreId
    const mark: PeerMark = { boots, matchIndex: match_index as LogIndex }
    expectChecksum(dataDir, `store ${storeId} in table peer`, checksum, checksumOfPeer(storeId, mark, sequence))
    peers.set(storeId, mark)
    last = sequence
  }
  return { peers, sequence: last }
}

/** Entries at and before the start may still be there: they are garbage, and nobody looks at them again. */
const readEntries = (database: DatabaseSync, dataDir: string, start: Position) => {
  const pageAfter = makePager(database)
  const keep = makeSlab()
  const entries: Array<Entry> = []
  let [last, sequence] = [start, 0]
  for (let page = pageAfter(last.index); page.length > 0; page = pageAfter(last.index)) {
    for (const row of page) {
      const entry = readEntry(dataDir, row, keep)
      const impossible = whyNotNext(last, entry) ?? whyNotWrittenAfter(sequence, row)
      if (impossible !== undefined) throw failure("corrupt", dataDir, `in table entry, ${impossible}`)
      entries.push(entry)
      last = entry
      sequence = row[5]
    }
  }
  return { entries, sequence }
}

/**
 * Rows behind an index, many at once: one by one they take half as long again. A page has about as many as fit in
 * `pageBytes`, going by the page before.
 */
const makePager = (database: DatabaseSync): (after: number) => ReadonlyArray<EntryRow> => {
  const select = database.prepare(
    "SELECT log_index, term, time, kind, payload, sequence, checksum FROM entry WHERE log_index > ? " +
      "ORDER BY log_index LIMIT ?"
  )
  select.setReturnArrays(true)
  let count = pageRowsFirst
  return (after) => {
    // SQLite gives rows as arrays here, which its types do not know; the columns' own types it has just checked.
    const page = select.all(after, count) as ReadonlyArray<unknown> as ReadonlyArray<EntryRow>
    const bytes = page.reduce((sum, [, , , , payload]) => sum + payload.length, 0)
    count = Math.min(pageRowsMax, Math.max(1, Math.floor(pageBytes * page.length / (bytes + 1))))
    return page
  }
}

const [pageRowsFirst, pageRowsMax, pageBytes] = [16, 1_024, 1_048_576]

const readEntry = (dataDir: string, row: EntryRow, keep: (bytes: Uint8Array) => Uint8Array): Entry => {
  const [index, term, time, kind, bytes, sequence, checksum] = row
  const computed = checksumOfEntry(index, term, time, kind, bytes, sequence)
  if (checksum !== computed) expectChecksum(dataDir, `entry ${index} in table entry`, checksum, computed)
  const payload = decodePayload(kind, keep(bytes))
  if (payload === undefined) {
    throw failure("unsupported-version", dataDir, `entry ${index} has a payload of kind ${kind} unknown here`)
  }
  return { index: index as LogIndex, term: term as Term, time, payload }
}

/** A write replaces all that follows it, so no entry is older than the one before it. */
const whyNotWrittenAfter = (before: number, [index, , , , , sequence]: EntryRow): string | undefined =>
  sequence < before
    ? `entry ${index} comes from write ${sequence}, but the one before it from write ${before}`
    : undefined
