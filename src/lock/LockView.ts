/**
 * What a reader sees of the lock table. Views are copies: nothing done to one reaches the table.
 *
 * Times are lengths in milliseconds from the reader's `now`, never negative. A view decides no expiry: what is past
 * its deadline is shown, with 0 left, until an entry of the log ends it.
 */
import { Schema } from "effect"
import { Count, FencingToken, LockMode, LockName, Millis } from "./Identifiers.ts"
import { Holder } from "./LockReply.ts"

export const LockView = Schema.Struct({
  name: LockName,
  /** The mode of what holds the lock, a lock-delay included; null when nothing does. */
  mode: Schema.NullOr(LockMode),
  permits: Count,
  /** In order of their grants. */
  holders: Schema.Array(Holder),
  queueLength: Count,
  /** Until the last lock-delay of this lock is over. */
  lockDelayLeftMillis: Millis,
  /** The latest grant of this lock since it was last idle. */
  lastToken: Schema.NullOr(FencingToken)
})
export type LockView = typeof LockView.Type

export interface LockPage {
  readonly locks: ReadonlyArray<LockView>
  /** Where the next page goes on, or null when this was the last. */
  readonly cursor: LockName | null
}

export interface LockPageOptions {
  readonly prefix?: string | undefined
  readonly limit: number
  readonly cursor?: LockName | undefined
}

/** How much there is in the whole table: all of it is counted as it changes. */
export interface Totals {
  readonly sessions: number
  /** Those that are not idle. */
  readonly locks: number
  /** Grants, and acquires that wait. */
  readonly held: number
  readonly waiting: number
}

/** A session without its id and hash, both of which would be of use to somebody else. */
export const SessionView = Schema.Struct({
  label: Schema.String,
  ttlMillis: Millis,
  expiresInMillis: Millis,
  holds: Count,
  waits: Count
})
export type SessionView = typeof SessionView.Type

export interface SessionPage {
  readonly sessions: ReadonlyArray<SessionView>
  /** Counts creations, so that it tells nothing of the sessions themselves. */
  readonly cursor: number | null
}

export interface SessionPageOptions {
  readonly limit: number
  readonly cursor?: number | undefined
}
