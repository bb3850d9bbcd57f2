/**
 * The log as a value: entries 1 to `lastIndex`, with the rules about matching and conflict.
 *
 * Appending to the newest version is O(1): versions share one growing buffer, and each sees only
 * its own length. A version that is no longer the newest copies before it writes, so no version
 * ever changes under its owner. Index arithmetic lives here and nowhere else.
 */
import { type Entry, entryBytes, LogIndex, Term } from "./Entry.ts"

export interface RaftLog {
  /** Entry i stands at i - 1. May be longer than this version. Never read it outside this module. */
  readonly buffer: Array<Entry>
  readonly lastIndex: LogIndex
}

export const empty = (): RaftLog => ({ buffer: [], lastIndex: LogIndex.make(0) })

/** A log that holds exactly these entries, which start at index 1. */
export const fromEntries = (entries: ReadonlyArray<Entry>): RaftLog => append(empty(), entries)

export const lastTerm = (log: RaftLog): Term => termAt(log, log.lastIndex) ?? noTerm

/** The largest stamp of the replicated clock in the log; it is the last one, because stamps never fall. */
export const lastTime = (log: RaftLog): number => log.buffer[log.lastIndex - 1]?.time ?? 0

export const entryAt = (log: RaftLog, index: LogIndex): Entry | undefined =>
  index > log.lastIndex ? undefined : log.buffer[index - 1]

/** The term of the entry at `index`; 0 for index 0, undefined past the end. */
export const termAt = (log: RaftLog, index: LogIndex): Term | undefined =>
  index === 0 ? noTerm : entryAt(log, index)?.term

/** Entries must follow the last one without a gap and with terms and times that do not fall. */
export const append = (log: RaftLog, entries: ReadonlyArray<Entry>): RaftLog => {
  const buffer = log.buffer.length === log.lastIndex ? log.buffer : log.buffer.slice(0, log.lastIndex)
  let last = buffer[log.lastIndex - 1]
  for (const entry of entries) {
    const expected = (last?.index ?? 0) + 1
    if (entry.index !== expected) throw new Error(`log gap: entry ${entry.index} where ${expected} belongs`)
    if (last && (entry.term < last.term || entry.time < last.time)) {
      throw new Error(`log order: entry ${entry.index} is older than the one before it`)
    }
    buffer.push(entry)
    last = entry
  }
  return { buffer, lastIndex: LogIndex.make(log.lastIndex + entries.length) }
}

export const truncateAfter = (log: RaftLog, index: LogIndex): RaftLog =>
  index >= log.lastIndex ? log : { buffer: log.buffer, lastIndex: index }

/** Entries from `from` to `to`, both included. */
export const slice = (log: RaftLog, from: LogIndex, to: LogIndex): ReadonlyArray<Entry> =>
  log.buffer.slice(from - 1, Math.min(to, log.lastIndex))

/** Entries from `from` on, as many as fit in `bytesMax`, but at least one if there is one. */
export const sliceBytes = (log: RaftLog, from: LogIndex, bytesMax: number): ReadonlyArray<Entry> => {
  let to = from
  let bytes = 0
  while (to <= log.lastIndex) {
    bytes += entryBytes(log.buffer[to - 1]!)
    if (bytes > bytesMax && to > from) break
    to = LogIndex.make(to + 1)
  }
  return log.buffer.slice(from - 1, to - 1)
}

/** Does the log hold an entry at this index with this term? (figure 2, AppendEntries, step 2) */
export const matches = (log: RaftLog, index: LogIndex, term: Term): boolean => termAt(log, index) === term

/** Whether a log that ends so is at least as up-to-date as this one (§5.4.1). */
export const isUpToDate = (log: RaftLog, candidateTerm: Term, candidateIndex: LogIndex): boolean => {
  const mine = lastTerm(log)
  return candidateTerm > mine || (candidateTerm === mine && candidateIndex >= log.lastIndex)
}

/** The first of these entries that the log does not already hold; what precedes it matches. */
export const firstNew = (log: RaftLog, entries: ReadonlyArray<Entry>): number => {
  const at = entries.findIndex((entry) => !matches(log, entry.index, entry.term))
  return at === -1 ? entries.length : at
}

/**
 * The largest index at or below `index` whose term is at most `term`. Leader and follower both use it
 * to skip a whole term of conflict in one exchange (§5.3, end). Terms never fall along the log, so
 * it is a binary search.
 */
export const lastIndexWithTermAtMost = (log: RaftLog, index: LogIndex, term: Term): LogIndex => {
  let low = 0
  let high = Math.min(index, log.lastIndex)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (log.buffer[middle - 1]!.term <= term) low = middle
    else high = middle - 1
  }
  return LogIndex.make(low)
}

const noTerm = Term.make(0)
