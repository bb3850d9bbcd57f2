/**
 * What becomes of locks, written down as it happens: as events of the entry that is applied, and, of each grant that is
 * over, as history.
 *
 * It reads claims and changes none of what the rules go by. An event is told before its claim is gone.
 */
import type { Claim } from "./Claim.ts"
import type { EndReason, LockEvent } from "./LockEvent.ts"
import { LockHistory } from "./LockHistory.ts"

/** What the leader of an entry says beside its commands. Nothing is decided by it. */
export interface Note {
  /** What the time is for people, in milliseconds of Unix time. It may go back. */
  readonly wallMillis: number
  /** How many grants that are over are remembered in all. */
  readonly historyMax: number
}

export class Chronicle {
  /** By the latest entry that said so; 0 before. */
  wallMillis = 0
  history = new LockHistory()
  #events: Array<LockEvent> = []

  heed({ historyMax, wallMillis }: Note): void {
    this.wallMillis = wallMillis
    this.history.keep(historyMax)
  }

  /** What one entry has brought about, in order. */
  takeEvents(): ReadonlyArray<LockEvent> {
    const events = this.#events
    if (events.length > 0) this.#events = []
    return events
  }

  /** A claim has been granted that began to wait at `since`. */
  granted(claim: Claim, since: number): void {
    claim.grantedWall = this.wallMillis
    this.#tell("granted", claim, null, claim.since - since)
  }

  /** A claim waits, and its acquire has no answer yet. */
  queued(claim: Claim): void {
    this.#tell("queued", claim, null, 0)
  }

  /** A claim is about to end that was told of before. */
  ended(claim: Claim, reason: EndReason, time: number): void {
    const millis = time - claim.since
    if (claim.phase !== "held") {
      if (isTold(claim)) this.#tell("left", claim, reason, millis)
      return
    }
    this.#tell(isExpiry(reason) ? "expired" : "released", claim, reason, millis)
    if (this.history.max > 0) this.#remember(claim, reason, millis)
  }

  #tell(kind: LockEvent["kind"], claim: Claim, reason: EndReason | null, millis: number): void {
    const { lock, mode, owner, session: { label }, token = null } = claim
    const queueLength = kind === "left" ? lock.waiting - 1 : lock.waiting
    const { wallMillis } = this
    this.#events.push({ kind, lock: lock.name, label, owner, mode, token, reason, millis, queueLength, wallMillis })
  }

  #remember(claim: Claim, reason: EndReason, heldMillis: number): void {
    const { grantedWall, lock, mode, owner, session: { label } } = claim
    const token = claim.token!
    const endedWall = this.wallMillis
    this.history.add(lock.name, { token, label, owner, mode, grantedWall, endedWall, heldMillis, reason })
  }
}

const isExpiry = (reason: EndReason): boolean => reason === "session-expired" || reason === "max-hold"

/** A claim stands in the queue for a moment even when it will not wait: one that does has an end of its wait. */
export const isTold = (claim: Claim): boolean => claim.phase === "waiting" && claim.deadline !== Infinity
