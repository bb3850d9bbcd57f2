/**
 * What a reader sees of the lock table. Views are copies: nothing done to one reaches the table.
 *
 * Times are lengths in milliseconds from the reader's `now`, never negative. A view decides no expiry: what is past
 * its deadline is shown, with 0 left, until an entry of the log ends it.
 */
import type { FencingToken, LockMode, LockName } from "./Identifiers.ts"
import type { Holder } from "./LockReply.ts"

export interface LockView {
  readonly name: LockName
  /** The mode of what holds the lock, a lock-delay included; null when nothing does. */
  readonly mode: LockMode | null
  readonly permits: number
  /** In order of their grants. */
  readonly holders: ReadonlyArray<Holder>
  readonly queueLength: number
  /** Until the last lock-delay of this lock is over. */
  readonly lockDelayLeftMillis: number
  /** The latest grant of this lock since it was last idle. */
  readonly lastToken: FencingToken | null
}

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

/** A session without its id and hash, both of which would be of use to somebody else. */
export interface SessionView {
  readonly label: string
  readonly ttlMillis: number
  readonly expiresInMillis: number
  readonly holds: number
  readonly waits: number
}

export interface SessionPage {
  readonly sessions: ReadonlyArray<SessionView>
  /** Counts creations, so that it tells nothing of the sessions themselves. */
  readonly cursor: number | null
}

export interface SessionPageOptions {
  readonly limit: number
  readonly cursor?: number | undefined
}
