/**
 * What the replicated log is made of: terms, indexes and entries.
 *
 * An entry is immutable once appended. Its payload is either Raft's own business (the opening entry
 * of a term, the membership) or bytes that belong to the state machine and that Raft never reads.
 */
import { Schema } from "effect"
import { Membership } from "./Membership.ts"

/** A period with at most one leader (§5.1). 0 is the time before the first election. */
export const Term = Schema.Natural.pipe(Schema.brand("raft/Term"))
export type Term = typeof Term.Type

/** The position of an entry; the first is 1, and 0 stands before it. */
export const LogIndex = Schema.Natural.pipe(Schema.brand("raft/LogIndex"))
export type LogIndex = typeof LogIndex.Type

/** Checks what `LogIndex.make` checks, in a tenth of the time: the core makes several for each message. */
export const logIndex = (index: number): LogIndex => {
  if (!Number.isSafeInteger(index) || index < 0) throw new Error(`${index} is no place in a log`)
  return index as LogIndex
}

export const Payload = Schema.TaggedUnion({
  /** Opens a leader's term, so that entries of earlier terms can commit (§5.4.2, §8). */
  Noop: {},
  /** The membership from this entry on, as a whole, not as a change. */
  Config: { membership: Membership },
  /** A batch of the state machine's commands, encoded once by the leader. */
  Command: { bytes: Schema.Uint8Array }
})
export type Payload = typeof Payload.Type

export const Entry = Schema.Struct({
  index: LogIndex,
  term: Term,
  /** The replicated clock in milliseconds, stamped by the leader. It never falls along the log. */
  time: Schema.Natural,
  payload: Payload
})
export type Entry = typeof Entry.Type

/** A place in the log: that of an entry, or the one before the first that is still there (§7). */
export type Position = Pick<Entry, "index" | "term" | "time">

/** Bytes an entry takes in a message or a batch, near enough to bound both. */
export const entryBytes = (entry: Entry): number =>
  entryOverheadBytes + (entry.payload._tag === "Command" ? entry.payload.bytes.length : 0)

const entryOverheadBytes = 64
