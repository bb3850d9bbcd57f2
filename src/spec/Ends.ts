/**
 * How claims and sessions end: by the passing of time, by their clients, or by a hang-up.
 *
 * Nothing ends early, and what has ended is not brought back. Whatever ends together ends before anyone is granted what
 * it held.
 */
import { forget, tellOutcome } from "./Memory.ts"
import { type Claim, isMinting, latestAttempt, type Session, settle, settlePlain, type State } from "./State.ts"

/**
 * All whose deadline is before the present time, in order of their deadlines, then of their births. At the deadline
 * itself up to a millisecond may be left to run: stamps are rounded down.
 */
export const endWhatIsDue = (state: State): void => {
  for (let due = firstDue(state); due !== undefined; due = firstDue(state)) {
    if ("memory" in due) endSession(state, due, "expired")
    else endClaim(state, due)
  }
}

export const mortals = (state: State): ReadonlyArray<Session | Claim> => [
  ...state.sessions.values(),
  ...[...state.locks.values()].flatMap(({ claims }) => claims)
]

const firstDue = (state: State): Session | Claim | undefined =>
  mortals(state)
    .filter(({ deadline }) => deadline < state.time)
    .reduce<Session | Claim | undefined>(
      (first, one) => first === undefined || isBefore(one, first) ? one : first,
      undefined
    )

const isBefore = (one: Session | Claim, other: Session | Claim): boolean =>
  one.deadline < other.deadline || (one.deadline === other.deadline && one.born < other.born)

const endClaim = (state: State, claim: Claim): void => {
  switch (claim.phase) {
    case "waiting":
      settlePlain(state, latestAttempt(claim), "WaitTimedOut")
      return leave(state, claim, "WaitTimedOut")
    case "held":
      return expire(state, claim)
    case "delayed":
      return free(state, claim)
    case "over":
      // It is in no lock, so nobody finds it due.
  }
}

/** A grant that its client did not give back: its lock-delay begins, in which it counts as held and has no holder. */
const expire = (state: State, claim: Claim): void => {
  if (claim.asked.lockDelayMillis <= 0) return free(state, claim)
  detach(claim)
  claim.phase = "delayed"
  claim.deadline = state.time + claim.asked.lockDelayMillis
}

/** A claim of any phase is gone. Who waits for its lock is looked after in `wake`. */
export const free = (state: State, claim: Claim): void => {
  detach(claim)
  claim.phase = "over"
  claim.lock.claims = claim.lock.claims.filter((other) => other !== claim)
  state.left.push(claim.lock)
}

const detach = (claim: Claim): void => {
  claim.session.claims = claim.session.claims.filter((other) => other !== claim)
}

/** A waiter goes without the lock. */
export const leave = (state: State, claim: Claim, outcome: "LockHeld" | "WaitTimedOut"): void => {
  tellOutcome(claim, outcome)
  withdraw(state, claim)
}

/** A session whose id the client will never learn goes with the attempt that made it. */
const withdraw = (state: State, claim: Claim): void => {
  free(state, claim)
  if (isMinting(claim)) endSession(state, claim.session, "closed")
}

/** All that a session holds or waits for ends with it. A client that ends its session has no lock-delay. */
export const endSession = (state: State, session: Session, how: "expired" | "closed"): void => {
  if (!state.sessions.delete(session.id)) return
  for (const claim of session.claims) {
    if (claim.phase === "waiting") settlePlain(state, latestAttempt(claim), "SessionExpired")
    if (claim.phase === "held" && how === "expired") expire(state, claim)
    else free(state, claim)
  }
}

/**
 * A hang-up: takes one attempt back. A waiter goes if that is the attempt that waits; a grant, if nobody else was told
 * of it, because then another may rely on it. Answers whether the claim is gone, which then leaves no trace.
 */
export const takeBack = (state: State, claim: Claim, attempt: string): boolean => {
  const others = claim.attempts.filter((other) => other !== attempt)
  if (others.length === claim.attempts.length) return false
  if (others.length > 0 || claim.isPinned) {
    claim.attempts = others.length > 0 ? others : [nobody]
    return false
  }
  if (claim.phase === "waiting") settle(state, attempt, { _tag: "Abandoned", withdrawn: true })
  forget(claim)
  withdraw(state, claim)
  return true
}

/** No request is called so. */
const nobody = ""
