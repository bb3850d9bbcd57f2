/**
 * The log as a value: the entries after `start` up to `lastIndex`, with the rules about matching and
 * conflict. What stood before was compacted into a snapshot (§7); a whole log starts after 0.
 *
 * Appending to the newest version is O(1): versions share one growing buffer, and each sees only
 * its own length. A version that is no longer the newest copies before it writes, so no version
 * ever changes under its owner. Index arithmetic lives here and nowhere else.
 */
import { type Entry, entryBytes, type LogIndex, logIndex, type Position, Term } from "./Entry.ts"

export interface RaftLog {
  /** Entry i stands at i - start.index - 1. May be longer than this version. Never read it outside this module. */
  readonly buffer: Array<Entry>
  readonly start: Position
  readonly lastIndex: LogIndex
}

/** Before the very first entry. */
export const origin: Position = { index: logIndex(0), term: Term.make(0), time: 0 }

export const empty = (start: Position = origin): RaftLog => ({ buffer: [], start, lastIndex: start.index })

/** A log that holds exactly these entries, which follow `start`. */
export const fromEntries = (entries: ReadonlyArray<Entry>, start: Position = origin): RaftLog =>
  append(empty(start), entries)

export const lastTerm = (log: RaftLog): Term => last(log).term

/** The largest stamp of the replicated clock in the log; it is the last one, because stamps never fall. */
export const lastTime = (log: RaftLog): number => last(log).time

/** Undefined for what was compacted, and past the end. */
export const entryAt = (log: RaftLog, index: LogIndex): Entry | undefined =>
  index > log.lastIndex ? undefined : log.buffer[index - log.start.index - 1]

/** The entry at `index`, or where the log starts; undefined for what stood before that, and past the end. */
export const positionAt = (log: RaftLog, index: LogIndex): Position | undefined =>
  index === log.start.index ? log.start : entryAt(log, index)

export const termAt = (log: RaftLog, index: LogIndex): Term | undefined => positionAt(log, index)?.term

/** Entries must follow the last one without a gap and with terms and times that do not fall. */
export const append = (log: RaftLog, entries: ReadonlyArray<Entry>): RaftLog => {
  const length = log.lastIndex - log.start.index
  const buffer = log.buffer.length === length ? log.buffer : log.buffer.slice(0, length)
  let before = last(log)
  for (const entry of entries) {
    const expected = before.index + 1
    if (entry.index !== expected) throw new Error(`log gap: entry ${entry.index} where ${expected} belongs`)
    if (entry.term < before.term || entry.time < before.time) {
      throw new Error(`log order: entry ${entry.index} is older than the one before it`)
    }
    buffer.push(entry)
    before = entry
  }
  return { ...log, buffer, lastIndex: logIndex(log.lastIndex + entries.length) }
}

export const truncateAfter = (log: RaftLog, index: LogIndex): RaftLog =>
  index >= log.lastIndex ? log : { ...log, lastIndex: index }

/** Forgets the entries up to `to`, except where they ended. */
export const compact = (log: RaftLog, to: LogIndex): RaftLog => {
  if (to <= log.start.index) return log
  const { index, term, time } = entryAt(log, to)!
  const buffer = log.buffer.slice(index - log.start.index, log.lastIndex - log.start.index)
  return { buffer, start: { index, term, time }, lastIndex: log.lastIndex }
}

/** The least index after which the entries up to `to` take no more than `bytesMax`. */
export const leastWithin = (log: RaftLog, to: LogIndex, bytesMax: number): LogIndex => {
  let index = to
  let bytes = 0
  while (index > log.start.index) {
    bytes += entryBytes(entryAt(log, index)!)
    if (bytes > bytesMax) break
    index = logIndex(index - 1)
  }
  return index
}

/** Entries from `from` to `to`, both included, as far as they are there. */
export const slice = (log: RaftLog, from: LogIndex, to: LogIndex): ReadonlyArray<Entry> =>
  log.buffer.slice(Math.max(0, from - log.start.index - 1), Math.min(to, log.lastIndex) - log.start.index)

/** Entries from `from` on, which is not compacted: as many as fit in `bytesMax`, but at least one if there is one. */
export const sliceBytes = (log: RaftLog, from: LogIndex, bytesMax: number): ReadonlyArray<Entry> => {
  let to = from
  let bytes = 0
  while (to <= log.lastIndex) {
    bytes += entryBytes(entryAt(log, to)!)
    if (bytes > bytesMax && to > from) break
    to = logIndex(to + 1)
  }
  return slice(log, from, logIndex(to - 1))
}

/**
 * Does the log hold an entry at this index with this term? (figure 2, AppendEntries, step 2) What was compacted
 * is committed, so whoever leads has the same there (§5.4.3).
 */
export const matches = (log: RaftLog, index: LogIndex, term: Term): boolean =>
  index < log.start.index || termAt(log, index) === term

/** Whether a log that ends so is at least as up-to-date as this one (§5.4.1). */
export const isUpToDate = (log: RaftLog, candidateTerm: Term, candidateIndex: LogIndex): boolean => {
  const mine = lastTerm(log)
  return candidateTerm > mine || (candidateTerm === mine && candidateIndex >= log.lastIndex)
}

/** Whether a log that ends so is more up-to-date than this one. */
export const isNewer = (log: RaftLog, term: Term, index: LogIndex): boolean =>
  isUpToDate(log, term, index) && (term !== lastTerm(log) || index !== log.lastIndex)

/** The first of these entries that the log does not already hold; what precedes it matches. */
export const firstNew = (log: RaftLog, entries: ReadonlyArray<Entry>): number => {
  const at = entries.findIndex((entry) => !matches(log, entry.index, entry.term))
  return at === -1 ? entries.length : at
}

/**
 * The largest index at or below `index` whose term is at most `term`, or undefined if it stands before the start
 * of the log. Leader and follower both use it to skip a whole term of conflict in one exchange (§5.3, end).
 * Terms never fall along the log, so it is a binary search.
 */
export const lastIndexWithTermAtMost = (log: RaftLog, index: LogIndex, term: Term): LogIndex | undefined => {
  if (index < log.start.index || term < log.start.term) return undefined
  let low: number = log.start.index
  let high = Math.min(index, log.lastIndex)
  while (low < high) {
    const middle = logIndex(Math.ceil((low + high) / 2))
    if (entryAt(log, middle)!.term <= term) low = middle
    else high = middle - 1
  }
  return logIndex(low)
}

const last = (log: RaftLog): Position => positionAt(log, log.lastIndex)!
