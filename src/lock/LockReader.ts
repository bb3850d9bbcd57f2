/**
 * Reads of the lock tables: one lock, pages of locks and of sessions, the check of a token.
 *
 * A read is a copy, changes nothing, and costs what it shows. It never names a session by id or hash: whoever sees a
 * list must not be able to act as one of its sessions.
 */
import type { FencingToken, LockName } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import { holdersOf, lease, lockDelayLeft } from "./LockFacts.ts"
import type { LockState } from "./LockState.ts"
import type { LockPage, LockPageOptions, LockView, SessionPage, SessionPageOptions, SessionView } from "./LockView.ts"
import type { Session } from "./Session.ts"
import { compareUtf8 } from "./Utf8Order.ts"

export const lock = (state: LockState, name: LockName, now: number): LockView => {
  const found = state.locks.get(name)
  return found === undefined ? idleView(state, name, now) : lockView(state, found, now)
}

export const locks = (state: LockState, options: LockPageOptions, now: number): LockPage => {
  const { cursor = "", limit, prefix = "" } = options
  const page: Array<LockView> = []
  // All names with a prefix follow each other, and the first of them could only be the prefix itself.
  for (const found of state.lockOrder.from(compareUtf8(cursor, prefix) < 0 ? prefix : cursor)) {
    if (!found.name.startsWith(prefix)) break
    if (found.name === options.cursor) continue
    if (page.length === limit) return { locks: page, cursor: page.at(-1)?.name ?? null }
    page.push(lockView(state, found, now))
  }
  return { locks: page, cursor: null }
}

export const sessions = (state: LockState, { cursor = 0, limit }: SessionPageOptions, now: number): SessionPage => {
  const page: Array<SessionView> = []
  let last = cursor
  for (const session of state.sessionOrder.from(cursor + 1)) {
    if (page.length === limit) return { sessions: page, cursor: last }
    page.push(sessionView(session, now))
    last = session.order
  }
  return { sessions: page, cursor: null }
}

export const check = (state: LockState, name: LockName, token: FencingToken): boolean =>
  state.locks.get(name)?.findHolder(token) !== undefined

/** A lock that nobody has to do with takes no memory, and all such locks look alike. */
const idleView = (state: LockState, name: LockName, now: number): LockView => ({
  name,
  mode: null,
  permits: 1,
  holders: [],
  queueLength: 0,
  lockDelayLeftMillis: lockDelayLeft(state, undefined, now),
  lastToken: null
})

const lockView = (state: LockState, lock: Lock, now: number): LockView => ({
  name: lock.name,
  mode: lock.mode ?? null,
  permits: lock.permits,
  holders: holdersOf(lock, now),
  queueLength: lock.waiting,
  lockDelayLeftMillis: lockDelayLeft(state, lock, now),
  lastToken: lock.lastToken ?? null
})

const sessionView = (session: Session, now: number): SessionView => ({
  label: session.label,
  ...lease(session, now),
  holds: session.holds,
  waits: session.waits
})
