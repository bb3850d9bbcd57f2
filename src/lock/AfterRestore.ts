/**
 * What becomes of a lock state when a new cluster is made from a backup of it.
 *
 * The old cluster went on after the backup and nobody tells it to stop. So every session has ended and everything is
 * free; tokens begin above any that the old cluster can have given since; and nothing is granted until whoever holds by
 * the backup must have found out that it holds no more. That time has run in full at its very millisecond, for the new
 * cluster's clock begins at a whole one.
 */
import { LockState } from "./LockState.ts"

export interface RestoreOptions {
  /** Begins the new cluster's clock, unless the backup's is ahead. */
  readonly time: number
  /** A token the old cluster is known to have reached; 0 if it is not known. */
  readonly tokensAbove: number
  /** Whether the old cluster is known to have stopped long ago, so that nobody can believe that they hold. */
  readonly grantNow: boolean
}

/** What there is to tell. */
export interface AfterRestore {
  readonly sessionsEnded: number
  readonly locksFreed: number
  readonly tokensBefore: number
  /** The first grant has the token after this. */
  readonly tokensFrom: number
  /** How long nothing is granted, counted from the start of the new cluster on the clock that its log moves. */
  readonly grantsAfterMillis: number
}

export const afterRestore = (backup: LockState, options: RestoreOptions): readonly [LockState, AfterRestore] => {
  const state = new LockState()
  state.time = Math.max(backup.time, options.time)
  state.created = backup.created
  state.chronicle.wallMillis = backup.chronicle.wallMillis
  state.chronicle.history = backup.chronicle.history
  state.lastToken = nextRange(Math.max(backup.lastToken, options.tokensAbove))
  const grantsAfterMillis = options.grantNow ? 0 : longestTtl(backup)
  state.grantsAfter = state.time + grantsAfterMillis
  return [state, {
    sessionsEnded: backup.sessions.size,
    locksFreed: backup.locks.size,
    tokensBefore: backup.lastToken,
    tokensFrom: state.lastToken,
    grantsAfterMillis
  }]
}

// The old cluster cannot give a range of tokens away in any time that matters.
const nextRange = (token: number): number => {
  const next = (Math.floor(token / tokensPerRange) + 1) * tokensPerRange
  if (Number.isSafeInteger(token) && token >= 0 && next < tokensEnd) return next
  throw new RangeError(`there are no tokens left above ${token}: they end below 2^53, and a restore takes 2^40 of them`)
}

const tokensPerRange = 2 ** 40
const tokensEnd = 2 ** 53

const longestTtl = (backup: LockState): number => {
  let longest = Math.max(0, backup.grantsAfter - backup.time)
  for (const session of backup.sessionOrder.from(0)) longest = Math.max(longest, session.ttlMillis)
  return longest
}

/**
 * Grants what nothing but `grantsAfter` kept from being granted, in order of who asked first. That may be very much,
 * so each entry does a part.
 */
export const serveHeldBack = (state: LockState): void => {
  if (state.time < state.grantsAfter) return
  for (let left = servedMax; left > 0 && state.heldBack.first !== undefined; left--) {
    state.grantWaiters(state.heldBack.first)
  }
}

/** Locks. It takes a few milliseconds. */
const servedMax = 1_000
