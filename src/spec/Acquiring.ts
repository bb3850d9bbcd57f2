/**
 * An acquire: is it a copy, a retry, a contradiction, or a new claim; and does it get the lock, wait, or go without.
 *
 * A new claim joins the queue, the queue is served, and whoever then waits without wanting to leaves again.
 */
import { endSession, leave } from "./Ends.ts"
import { grantedBeforeFact, grantedFact, lockHeldFact } from "./Facts.ts"
import { enqueue, grant, wake } from "./Grants.ts"
import { recall, remember } from "./Memory.ts"
import { openSession } from "./Sessions.ts"
import {
  type Claim,
  claimOf,
  latestAttempt,
  limitOf,
  type Remembered,
  type Session,
  settle,
  settlePlain,
  type State
} from "./State.ts"
import type { Acquire, ModeConflict } from "./Words.ts"

export const acquire = (state: State, asked: Acquire): void => {
  const session = sessionFor(state, asked)
  if (session === undefined) return settlePlain(state, asked.request, "SessionExpired")
  acquireIn(state, session, asked)
  // Of a session that came to nothing the client never learns the id.
  if (asked.mint !== undefined && session.claims.length === 0) endSession(state, session, "closed")
}

/** Nothing is resurrected: a session that has ended is unknown, and so is a minted one for another lock. */
const sessionFor = (state: State, asked: Acquire): Session | undefined => {
  const session = state.sessions.get(asked.session)
  if (asked.mint === undefined) {
    return session?.mint === undefined || session.mint.lock === asked.lock ? session : undefined
  }
  if (session === undefined) return openSession(state, asked.session, asked.mint, asked)
  // A second copy of the command joins only the claim that the first one made.
  const claim = claimOf(session, asked.lock, asked.owner)
  return claim !== undefined && latestAttempt(claim) === asked.request ? session : undefined
}

const acquireIn = (state: State, session: Session, asked: Acquire): void => {
  const known = recall(session, asked)
  if (typeof known === "string") return settlePlain(state, asked.request, known)
  if (known?.outcome !== undefined) return again(state, known, asked)
  const claim = claimOf(session, asked.lock, asked.owner)
  const conflict = conflictOf(state, claim, asked)
  if (conflict !== undefined) {
    if (known === undefined) remember(session, { asked, claim: undefined, outcome: conflict })
    return settle(state, asked.request, conflict)
  }
  if (claim !== undefined) return retry(state, claim, asked)
  const entered = enqueue(state, session, asked)
  grant(state, entered.lock)
  if (entered.phase === "waiting") waitOrLeave(state, entered, asked)
}

/** The same `seq` again gets the first outcome. While its grant lasts that is a retry like any other. */
const again = (state: State, { claim, outcome }: Remembered, asked: Acquire): void => {
  if (outcome === "Granted" && claim!.phase === "held") return retry(state, claim!, asked)
  if (outcome === "Granted") return settle(state, asked.request, grantedBeforeFact(claim!))
  if (outcome === "LockHeld") return settle(state, asked.request, lockHeldFact(state, asked.lock))
  if (outcome === "WaitTimedOut") return settlePlain(state, asked.request, "WaitTimedOut")
  settle(state, asked.request, outcome as ModeConflict)
}

/** The lock has another limit, or this (session, owner) holds or waits in another mode. */
const conflictOf = (state: State, claim: Claim | undefined, asked: Acquire): ModeConflict | undefined => {
  const lock = state.locks.get(asked.lock)
  if (lock === undefined) return undefined
  if (lock.permits === limitOf(asked) && (claim ?? { asked }).asked.mode === asked.mode) return undefined
  return { _tag: "ModeConflict", mode: (claim ?? lock.claims[0]!).asked.mode, permits: lock.permits }
}

/** Keeps its place and all that was first asked for; only the attempt and the end of the wait are the latest. */
const retry = (state: State, claim: Claim, asked: Acquire): void => {
  const isCopy = latestAttempt(claim) === asked.request
  if (isCopy && claim.phase === "waiting") return
  if (!isCopy) join(state, claim, asked)
  if (claim.phase === "held") return settle(state, asked.request, grantedFact(claim, state.time))
  waitOrLeave(state, claim, asked)
}

/** A newer attempt takes the place of one that waits, or is told of the grant beside those that were. */
const join = (state: State, claim: Claim, asked: Acquire): void => {
  if (claim.phase === "waiting") {
    settlePlain(state, latestAttempt(claim), "Superseded")
    claim.attempts = [asked.request]
    return remember(claim.session, { asked, claim, outcome: undefined })
  }
  claim.attempts = [...claim.attempts.filter((attempt) => attempt !== asked.request), asked.request]
  if (claim.attempts.length > attemptsMax) {
    claim.attempts = [asked.request]
    claim.isPinned = true
  }
  remember(claim.session, { asked, claim, outcome: "Granted" })
}

const attemptsMax = 9

const waitOrLeave = (state: State, claim: Claim, asked: Acquire): void => {
  claim.deadline = state.time + asked.waitMillis
  if (asked.waitMillis > 0) return
  leave(state, claim, "LockHeld")
  // Those behind it may have waited for it alone; what is then true is what it is told.
  wake(state)
  settle(state, asked.request, lockHeldFact(state, asked.lock))
}
