/**
 * What can be said of sessions and locks at a moment, to those who ask for a lock and to those who only look.
 *
 * To look changes nothing. What is past its deadline is shown with nothing left, until an entry ends it.
 */
import { type Claim, type Lock, type Session, type State, takenOf } from "./State.ts"
import type { Granted, Holder, LockHeld, LockView, SessionView } from "./Words.ts"

const left = (deadline: number, now: number): number => Math.max(0, deadline - now)

export const leaseOf = (session: Session, now: number) => ({
  ttlMillis: session.ttlMillis,
  expiresInMillis: left(session.deadline, now)
})

/** A grant ends with its session, or with its `maxHoldMillis`, whichever is sooner. */
const holdOf = (claim: Claim, now: number) => ({
  expiresInMillis: left(Math.min(claim.session.deadline, claim.deadline), now),
  ...(claim.asked.maxHoldMillis !== undefined && { holdEndsInMillis: left(claim.deadline, now) })
})

export const grantedFact = (claim: Claim, now: number): Granted => ({
  _tag: "Granted",
  mode: claim.asked.mode,
  owner: claim.asked.owner,
  token: claim.token,
  ttlMillis: claim.session.ttlMillis,
  ...holdOf(claim, now)
})

/** A grant that is over, to whoever asks with the same `seq` again: the words, and no time left. */
export const grantedBeforeFact = ({ asked: { mode, owner }, session: { ttlMillis }, token }: Claim): Granted => ({
  _tag: "Granted",
  mode,
  owner,
  token,
  ttlMillis,
  expiresInMillis: 0
})

const holdersListedMax = 100

export const lockHeldFact = (state: State, name: string): LockHeld => {
  const { holders, lockDelayLeftMillis, queueLength } = viewLock(state, name, state.time)
  return { _tag: "LockHeld", holders: holders.slice(0, holdersListedMax), queueLength, lockDelayLeftMillis }
}

export const viewLock = (state: State, name: string, now: number): LockView => {
  const lock = state.locks.get(name)
  const taken = lock === undefined ? [] : takenOf(lock)
  return {
    name,
    mode: taken[0]?.asked.mode ?? null,
    permits: lock?.permits ?? 1,
    holders: taken.filter(({ phase }) => phase === "held").map((claim) => holderOf(claim, now)),
    queueLength: (lock?.claims.length ?? 0) - taken.length,
    lockDelayLeftMillis: delayLeft(state, lock, now),
    lastToken: lock?.lastToken ?? null
  }
}

const holderOf = (claim: Claim, now: number): Holder => ({
  label: claim.session.label,
  owner: claim.asked.owner,
  mode: claim.asked.mode,
  token: claim.token,
  heldMillis: Math.max(0, now - claim.since),
  ...holdOf(claim, now),
  ...(claim.asked.value !== undefined && { value: claim.asked.value })
})

/** Until the last lock-delay of the lock is over, and the one that all locks have after a restore. */
const delayLeft = (state: State, lock: Lock | undefined, now: number): number => {
  const delays = lock?.claims.filter(({ phase }) => phase === "delayed") ?? []
  return left(Math.max(state.grantsAfter, ...delays.map(({ deadline }) => deadline)), now)
}

export const viewSessions = (state: State, now: number): ReadonlyArray<SessionView> =>
  [...state.sessions.values()].map((session) => ({
    label: session.label,
    ...leaseOf(session, now),
    holds: session.claims.filter(({ phase }) => phase === "held").length,
    waits: session.claims.filter(({ phase }) => phase === "waiting").length
  }))

/** Whether this is the token of a present holder. */
export const checkToken = (state: State, name: string, token: number): boolean =>
  takenOf(state.locks.get(name) ?? noLock).some((claim) => claim.token === token && claim.phase === "held")

const noLock: Lock = { name: "", permits: 1, claims: [], lastToken: undefined }
