/**
 * How a claim begins, and how it comes to hold its lock.
 *
 * The rules of exclusion, order and tokens are here and nowhere else: there is one place that grants.
 */
import { grantedFact } from "./Facts.ts"
import { remember, tellOutcome } from "./Memory.ts"
import {
  type Claim,
  isMinting,
  latestAttempt,
  limitOf,
  type Lock,
  type Session,
  settle,
  type State,
  takenOf
} from "./State.ts"
import type { Acquire } from "./Words.ts"

/** A new claim goes to the end of the queue, whatever it asks for. To find the lock idle sets its limit. */
export const enqueue = (state: State, session: Session, asked: Acquire): Claim => {
  const lock = state.locks.get(asked.lock) ?? newLock(state, asked)
  const claim: Claim = {
    born: ++state.births,
    asked,
    lock,
    session,
    phase: "waiting",
    attempts: [asked.request],
    isPinned: false,
    since: state.time,
    deadline: Infinity,
    token: 0
  }
  lock.claims.push(claim)
  session.claims.push(claim)
  remember(session, { asked, claim, outcome: undefined })
  return claim
}

const newLock = (state: State, asked: Acquire): Lock => {
  const lock: Lock = { name: asked.lock, permits: limitOf(asked), claims: [], lastToken: undefined }
  state.locks.set(lock.name, lock)
  return lock
}

/** FIFO: grants from the head of the queue for as long as the head can hold the lock, so that nobody is passed. */
export const grant = (state: State, lock: Lock): void => {
  if (state.time < state.grantsAfter) return
  for (const claim of lock.claims.filter(({ phase }) => phase === "waiting")) {
    if (!admits(lock, claim)) return
    hold(state, claim)
  }
}

/** Mutual exclusion: at most one exclusive holder, or only shared holders, or at most `permits`; delays count. */
const admits = (lock: Lock, { asked }: Claim): boolean => {
  const taken = takenOf(lock)
  const isOfOneMode = taken.every((other) => other.asked.mode === asked.mode)
  return isOfOneMode && (asked.mode === "shared" || taken.length < lock.permits)
}

/** Tokens: one counter, raised by one for every grant of whatever lock, and never lowered. */
const hold = (state: State, claim: Claim): void => {
  claim.phase = "held"
  claim.token = ++state.lastToken
  claim.lock.lastToken = claim.token
  claim.since = state.time
  claim.deadline = state.time + (claim.asked.maxHoldMillis ?? Infinity)
  // Its client learns of the session only now.
  if (isMinting(claim)) claim.session.deadline = state.time + claim.session.ttlMillis
  tellOutcome(claim, "Granted")
  settle(state, latestAttempt(claim), grantedFact(claim, state.time))
}

/** No wake-up is lost: what a claim has left is granted to those who wait, or is idle and forgotten. */
export const wake = (state: State): void => {
  for (const lock of state.left) {
    grant(state, lock)
    if (lock.claims.length === 0) state.locks.delete(lock.name)
  }
  state.left = []
}

/** After a restore only: what is free and waited for, in the order of the locks, a part of it with each entry. */
export const wakeHeldBack = (state: State): void => {
  if (state.time < state.grantsAfter) return
  for (const lock of heldBack(state).slice(0, wokenMax)) grant(state, lock)
}

const wokenMax = 1_000

export const heldBack = (state: State): ReadonlyArray<Lock> =>
  [...state.locks.values()].filter((lock) => lock.claims.length > 0 && takenOf(lock).length === 0)
