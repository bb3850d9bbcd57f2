/**
 * The lock state machine: which session holds and waits for what, moved by log entries and by nothing else.
 *
 * The same entries give the same state, replies and tokens on every node and in every replay. It reads no clock: time
 * is the stamp of the latest entry. It does no IO, throws for no command, and hands out copies only.
 */
import type { FencingToken, LockName } from "./Identifiers.ts"
import type { LockCommand } from "./LockCommand.ts"
import type { Settled } from "./LockReply.ts"
import type { LockPage, LockPageOptions, LockView, SessionPage, SessionPageOptions } from "./LockView.ts"

export interface LockTable {
  /**
   * Applies one log entry stamped `time` (milliseconds of the replicated clock): first everything whose deadline is
   * at or before that time ends, in order of deadlines; then the commands run in order.
   *
   * Returns the replies of all requests that settle now, those of earlier entries that waited included. An acquire
   * that queues has no reply until it settles.
   */
  readonly apply: (time: number, commands: ReadonlyArray<LockCommand>) => ReadonlyArray<Settled>
  /** The stamp of the latest entry. */
  readonly time: number
  readonly hasSessions: boolean
  /** The earliest time at which an entry, be it empty, would end something. */
  readonly nextDeadline: () => number | undefined
  readonly lock: (name: LockName, now: number) => LockView
  /** Locks that are held, waited for, or in their lock-delay, in order of the UTF-8 bytes of their names. */
  readonly locks: (options: LockPageOptions, now: number) => LockPage
  /** In order of their creation. */
  readonly sessions: (options: SessionPageOptions, now: number) => SessionPage
  /** Whether this is the token of a present holder. */
  readonly check: (name: LockName, token: FencingToken) => boolean
  /** The whole state as text: equal exactly when two tables will answer alike for ever. */
  readonly digest: () => string
}
