/**
 * What becomes of locks, told as it happens: who was granted what, how a grant ended, who waits and who has left.
 *
 * The same entry brings about the same events in the same order on every node and in every replay. They change
 * nothing, name no session, and are of no use to the rules: whoever applies an entry may take them or leave them.
 */
import type { Claim } from "./Claim.ts"
import type { FencingToken, LockMode, LockName, Owner } from "./Identifiers.ts"

/**
 * Why a grant or a wait is over. `withdrawn`: its client hung up, or asked again and would not wait. `timeout`: the
 * wait was as long as it was asked to be.
 */
export type EndReason = "released" | "session-ended" | "session-expired" | "max-hold" | "withdrawn" | "timeout"

export interface LockEvent {
  readonly kind: "granted" | "released" | "expired" | "queued" | "left"
  readonly lock: LockName
  readonly label: string
  readonly owner: Owner
  readonly mode: LockMode
  /** Of the grant; null for a waiter. */
  readonly token: FencingToken | null
  /** Null for what begins. */
  readonly reason: EndReason | null
  /** How long it had waited, or, when a grant ends, how long it was held. */
  readonly millis: number
  /** How many wait for the lock after this. */
  readonly queueLength: number
}

export class LockEvents {
  #events: Array<LockEvent> = []

  /** What one entry has brought about, in order. */
  take(): ReadonlyArray<LockEvent> {
    const events = this.#events
    if (events.length > 0) this.#events = []
    return events
  }

  /** A claim has been granted that began to wait at `since`. */
  granted(claim: Claim, since: number): void {
    this.#tell("granted", claim, null, claim.since - since)
  }

  /** A claim waits, and its acquire has no answer yet. */
  queued(claim: Claim): void {
    this.#tell("queued", claim, null, 0)
  }

  /** A claim is about to end that was told of before. */
  ended(claim: Claim, reason: EndReason, time: number): void {
    if (claim.phase === "held") this.#tell(isExpiry(reason) ? "expired" : "released", claim, reason, time - claim.since)
    else if (isTold(claim)) this.#tell("left", claim, reason, time - claim.since)
  }

  #tell(kind: LockEvent["kind"], claim: Claim, reason: EndReason | null, millis: number): void {
    const { lock, mode, owner, session: { label }, token = null } = claim
    const queueLength = kind === "left" ? lock.waiting - 1 : lock.waiting
    this.#events.push({ kind, lock: lock.name, label, owner, mode, token, reason, millis, queueLength })
  }
}

const isExpiry = (reason: EndReason): boolean => reason === "session-expired" || reason === "max-hold"

/** A claim stands in the queue for a moment even when it will not wait: one that does has an end of its wait. */
export const isTold = (claim: Claim): boolean => claim.phase === "waiting" && claim.deadline !== Infinity
