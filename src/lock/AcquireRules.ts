/**
 * The rules of an acquire: is it a copy, a retry, a contradiction, or a new claim; and does it get the lock, wait, or
 * go without (product rules "Retry", "Exactly once", "Permits", "Order").
 *
 * A new claim always joins the queue, the head of the queue is granted what it can be, and whoever then waits without
 * wanting to leaves again. So there is one place that grants, and nobody passes anybody.
 */
import { Claim } from "./Claim.ts"
import type { LockMode } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import type { Acquire, Mint } from "./LockCommand.ts"
import { grantedReply, lockHeldReply } from "./LockFacts.ts"
import type { LockReply } from "./LockReply.ts"
import type { LockState } from "./LockState.ts"
import type { AcquireOutcome, Outcome } from "./RequestMemory.ts"
import type { Session } from "./Session.ts"

interface Conflict {
  readonly mode: LockMode
  readonly permits: number
}

export const acquire = (state: LockState, command: Acquire): void => {
  const session = command.mint === undefined
    ? usableSession(state, command)
    : mintedSession(state, command, command.mint)
  if (session === undefined) return state.reply(command.request, { _tag: "SessionExpired" })
  acquireIn(state, session, command)
  // A minted session that came to nothing is of no use: its client never learns the id.
  if (command.mint !== undefined && session.firstClaim === undefined) state.endSession(session, "closed")
}

/** A minted session is for the lock it was minted for. */
const usableSession = (state: LockState, command: Acquire): Session | undefined => {
  const session = state.sessions.get(command.session)
  return session?.boundTo === undefined || session.boundTo === command.lock ? session : undefined
}

/** A second copy of the command joins only the claim that the first one made, and never makes another. */
const mintedSession = (state: LockState, command: Acquire, mint: Mint): Session | undefined => {
  const session = state.sessions.get(command.session)
  if (session === undefined) return state.openSession(command.session, mint.ttlMillis, mint.label, command)
  const claim = state.locks.get(command.lock)?.find(session, command.owner)
  return claim?.attempt === command.request ? session : undefined
}

const acquireIn = (state: LockState, session: Session, command: Acquire): void => {
  const recalled = state.recall(session, command)
  if (recalled === "Full") return state.reply(command.request, { _tag: "TooManyOutcomes" })
  if (recalled === "Stale" || (recalled !== undefined && !isOfSameAcquire(recalled, command))) {
    return state.reply(command.request, { _tag: "RequestStale" })
  }
  const { lock, owner, seq } = command
  const present = state.locks.get(lock)
  const claim = present?.find(session, owner)
  if (recalled !== undefined && !(recalled instanceof Claim)) return replay(state, session, command, recalled, claim)
  const conflict = conflictOf(present, claim, command)
  if (conflict !== undefined) {
    // A `seq` that waits already keeps its claim: it is that claim which settles it.
    if (recalled === undefined) state.note(session, seq, { kind: "ModeConflict", lock, owner, ...conflict })
    return state.reply(command.request, { _tag: "ModeConflict", ...conflict })
  }
  if (claim !== undefined) return retry(state, claim, command)
  enter(state, session, command)
}

/** The same `seq` again gets the first outcome. While its grant lasts that is a retry like any other. */
const replay = (
  state: LockState,
  session: Session,
  command: Acquire,
  outcome: AcquireOutcome,
  claim: Claim | undefined
): void => {
  if (outcome.kind === "Granted" && claim?.token === outcome.token) return retry(state, claim, command)
  state.reply(command.request, replyOf(state, session, outcome))
}

const replyOf = (state: LockState, session: Session, outcome: AcquireOutcome): LockReply => {
  switch (outcome.kind) {
    case "Granted": {
      const { mode, owner, token } = outcome
      return { _tag: "Granted", mode, owner, token, ttlMillis: session.ttlMillis, expiresInMillis: 0 }
    }
    case "LockHeld":
      return lockHeldReply(state, outcome.lock)
    case "WaitTimedOut":
      return { _tag: "WaitTimedOut" }
    case "ModeConflict":
      return { _tag: "ModeConflict", mode: outcome.mode, permits: outcome.permits }
  }
}

/** Keeps its place and all it first asked for; only the attempt and the end of the wait are the latest. */
const retry = (state: LockState, claim: Claim, command: Acquire): void => {
  // A copy of the very attempt, sent again to a new leader, is no newer one: it takes nobody's place.
  if (claim.attempt !== command.request) state.adopt(claim, command)
  else if (claim.phase === "waiting") return
  if (claim.phase === "held") return state.reply(command.request, grantedReply(claim, state.time))
  waitOrLeave(state, claim, command)
}

const enter = (state: LockState, session: Session, command: Acquire): void => {
  const claim = state.enqueue(session, command, permitsOf(command))
  state.grantWaiters(claim.lock)
  if (claim.phase === "waiting") waitOrLeave(state, claim, command)
}

const waitOrLeave = (state: LockState, claim: Claim, command: Acquire): void => {
  if (command.waitMillis > 0) return state.waitUntil(claim, state.time + command.waitMillis)
  state.leave(claim, "LockHeld")
  // Those behind it may have waited for it alone; what the reply says of the lock is what is then true.
  state.wake()
  state.reply(command.request, lockHeldReply(state, command.lock))
}

/** Readers have no limit of their own: `shared` goes with a limit of 1, the one that a writer of the lock has too. */
const permitsOf = (command: Acquire): number => command.mode === "shared" ? 1 : command.permits

/** What the lock or the claim is, if that contradicts the command. A lock that is not idle keeps its limit. */
const conflictOf = (lock: Lock | undefined, claim: Claim | undefined, command: Acquire): Conflict | undefined => {
  if (lock === undefined) return undefined
  const isSame = lock.permits === permitsOf(command) && (claim === undefined || claim.mode === command.mode)
  return isSame ? undefined : { mode: claim?.mode ?? lock.first!.mode, permits: lock.permits }
}

const isOfSameAcquire = (recalled: Claim | Outcome, command: Acquire): recalled is Claim | AcquireOutcome => {
  if (recalled.owner !== command.owner) return false
  if (recalled instanceof Claim) return recalled.lock.name === command.lock
  return recalled.lock === command.lock && recalled.kind !== "Released" && recalled.kind !== "NotHolder"
}
