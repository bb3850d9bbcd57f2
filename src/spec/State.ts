/**
 * What there is: sessions, locks, and claims, by which a session has to do with a lock.
 *
 * It is data and nothing else. Whatever can be worked out from it is worked out and not kept, so that nothing can
 * disagree. Sessions and locks stand in the order in which they were made.
 */
import type { Acquire, Mode, ModeConflict, Plain, Release, Reply, Settled } from "./Words.ts"

/** A client's lease. What it has to do with locks ends when it does. */
export interface Session {
  readonly id: string
  readonly born: number
  readonly ttlMillis: number
  readonly label: string
  /** The acquire that made it, if one did: then it is good for that lock alone. */
  readonly mint: Acquire | undefined
  deadline: number
  /** Its claims that wait or hold, the oldest first. */
  claims: Array<Claim>
  readonly memory: Memory
}

/** What a session knows of its requests, so that a copy of one is answered and not done again. */
export interface Memory {
  /** The client needs no outcome up to this one any more. */
  seqDone: number
  readonly requests: Map<number, Remembered>
  readonly released: Array<{ readonly lock: string; readonly owner: string; readonly token: number }>
}

/** A request with a `seq`: the claim that it made or joined, and its outcome as soon as there is one. */
export interface Remembered {
  readonly asked: Acquire | Release
  readonly claim: Claim | undefined
  outcome: Outcome | undefined
}

export type Outcome = "Granted" | "LockHeld" | "WaitTimedOut" | "Released" | "NotHolder" | ModeConflict

/** There is one for each lock that anybody has to do with; all other locks are free, and look alike. */
export interface Lock {
  readonly name: string
  readonly permits: number
  /** In order of arrival: those that have taken it, then those that wait. */
  claims: Array<Claim>
  lastToken: number | undefined
}

/**
 * One (session, owner) waits for a lock; then holds it; then, if its grant ended by expiry, keeps it from others for
 * the lock-delay. Never back.
 */
export interface Claim {
  readonly born: number
  /** The acquire that made it: its first attempt. */
  readonly asked: Acquire
  readonly lock: Lock
  readonly session: Session
  phase: "waiting" | "held" | "delayed" | "over"
  /** Waiting: the one attempt that waits. Held: all attempts that were told of the grant, the latest last. */
  attempts: Array<string>
  /** So many attempts were told of the grant that they are not all known: no hang-up can free it. */
  isPinned: boolean
  since: number
  /** The end of the wait, of the hold, or of the lock-delay. */
  deadline: number
  token: number
}

export interface State {
  /** The stamp of the latest entry. */
  time: number
  /** One counter for all locks. */
  lastToken: number
  /** Until then nothing is granted: see `LockSpec.restored`. */
  readonly grantsAfter: number
  births: number
  readonly sessions: Map<string, Session>
  readonly locks: Map<string, Lock>
  /** The locks that a claim has left and that nobody has looked at since. */
  left: Array<Lock>
  settled: Array<Settled>
}

export const settle = (state: State, request: string, reply: Reply): void => {
  state.settled.push({ request, reply })
}

export const settlePlain = (state: State, request: string, _tag: Plain["_tag"]): void =>
  settle(state, request, { _tag })

/** Those that hold the lock or keep it from others. */
export const takenOf = (lock: Lock): ReadonlyArray<Claim> => lock.claims.filter(({ phase }) => phase !== "waiting")

/** The claim of this session and owner that waits or holds. */
export const claimOf = (session: Session, lock: string, owner: string): Claim | undefined =>
  session.claims.find((claim) => claim.lock.name === lock && claim.asked.owner === owner)

export const latestAttempt = ({ attempts }: Claim): string => attempts.at(-1)!

/** Whether its client has yet to learn the id of the session, which this very attempt made. */
export const isMinting = (claim: Claim): boolean => claim.session.mint?.request === latestAttempt(claim)

/** Readers have no limit: `shared` goes with the limit that a writer of the lock has too. */
export const limitOf = ({ mode, permits }: { readonly mode: Mode; readonly permits: number }): number =>
  mode === "shared" ? 1 : permits
