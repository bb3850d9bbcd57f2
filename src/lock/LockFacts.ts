/**
 * What can be said of claims, locks and sessions at a moment: the facts that replies and views are made of.
 *
 * Times left are clamped at 0: what is past its deadline is shown as over, and an entry of the log ends it.
 */
import type { Claim } from "./Claim.ts"
import type { LockName } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import { type Granted, type Holder, holdersListedMax, type LockHeld } from "./LockReply.ts"
import type { LockState } from "./LockState.ts"
import type { AcquireOutcome } from "./RequestMemory.ts"
import type { Session } from "./Session.ts"

const millisLeft = (deadline: number, now: number): number => Math.max(0, deadline - now)

/** Of a session: what is told with its TTL. */
export const lease = (session: Session, now: number) => ({
  ttlMillis: session.ttlMillis,
  expiresInMillis: millisLeft(session.deadline, now)
})

/** The reply to an acquire whose claim holds. */
export const grantedReply = (claim: Claim, now: number): Granted => ({
  _tag: "Granted",
  mode: claim.mode,
  owner: claim.owner,
  token: claim.token!,
  ttlMillis: claim.session.ttlMillis,
  ...holdLeft(claim, now)
})

/** What is left of a grant when its `seq` asks again: the words, and no time. */
export const grantOutcome = (claim: Claim): AcquireOutcome => ({
  kind: "Granted",
  lock: claim.lock.name,
  owner: claim.owner,
  mode: claim.mode,
  token: claim.token!
})

export const lockHeldReply = (state: LockState, name: LockName): LockHeld => {
  const lock = state.locks.get(name)
  return {
    _tag: "LockHeld",
    holders: lock === undefined ? [] : holdersOf(lock, state.time, holdersListedMax),
    queueLength: lock?.waiting ?? 0,
    lockDelayLeftMillis: lockDelayLeft(state, lock, state.time)
  }
}

/** Of the lock's own delays and of the one that all locks have after a restore. */
export const lockDelayLeft = (state: LockState, lock: Lock | undefined, now: number): number =>
  millisLeft(Math.max(state.grantsAfter, lock === undefined || lock.delayed === 0 ? 0 : lock.delayEnds), now)

/** Present holders in order of their grants; a lock-delay has none. */
export const holdersOf = (lock: Lock, now: number, countMax = Infinity): Array<Holder> => {
  const holders: Array<Holder> = []
  for (let claim = lock.first; claim !== lock.firstWaiting && holders.length < countMax; claim = claim!.next) {
    if (claim!.phase === "held") holders.push(holderOf(claim!, now))
  }
  return holders
}

const holderOf = (claim: Claim, now: number): Holder => ({
  label: claim.session.label,
  owner: claim.owner,
  mode: claim.mode,
  token: claim.token!,
  heldMillis: Math.max(0, now - claim.since),
  ...holdLeft(claim, now),
  ...(claim.value === undefined ? undefined : { value: claim.value })
})

// The hold has no end of its own, and then no deadline, unless its holder asked for one.
const holdLeft = (claim: Claim, now: number) => {
  const expiresInMillis = millisLeft(Math.min(claim.session.deadline, claim.deadline), now)
  return claim.deadline === Infinity
    ? { expiresInMillis }
    : { expiresInMillis, holdEndsInMillis: millisLeft(claim.deadline, now) }
}
