/**
 * What one (session, owner) has to do with one lock: it waits for it, holds it, or held it until its expiry and keeps
 * it ungranted for the lock-delay.
 *
 * A claim goes waiting → held → delayed and never back, and is in one list of its lock and, until delayed, in one list
 * of its session. Its one deadline means what its phase says. A record: who changes it is `LockState` (see `changing`).
 * There are a million of them: what hardly any has is kept in a record of its own.
 */
import type { Created } from "./CreationList.ts"
import { absent, type Due } from "./DeadlineHeap.ts"
import type { FencingToken, LockMode, Owner, RequestId } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import type { Session } from "./Session.ts"

export type Phase = "waiting" | "held" | "delayed"

/** What an acquire asks for, as far as its claim keeps it. */
export interface Asked {
  readonly request: RequestId
  readonly owner: Owner
  readonly mode: LockMode
  readonly lockDelayMillis: number
  readonly maxHoldMillis?: number | undefined
  readonly value?: string | undefined
  readonly seq?: number | undefined
}

/** What hardly any claim has. */
class Rarities {
  value: string | undefined = undefined
  lockDelayMillis = 0
  maxHoldMillis: number | undefined = undefined
  olderTold: Array<RequestId> | undefined = undefined
  olderSeqs: Array<number> | undefined = undefined
}

/** Of most claims. Nobody changes it. */
const noRarities: Readonly<Rarities> = new Rarities()

export class Claim implements Due, Created<Session | Lock | Claim> {
  readonly lock: Lock
  readonly session: Session
  readonly owner: Owner
  readonly mode: LockMode
  readonly order: number

  phase: Phase = "waiting"
  /** The grant's, once there is one. */
  token: FencingToken | undefined = undefined
  /** When it began to wait, then when it was granted. */
  since: number
  /** The latter by the wall clock of whoever led; 0 if nobody said. For people alone. */
  grantedWall = 0
  /** The latest acquire that asked for this claim, and the `seq` that came with it. */
  attempt: RequestId
  seq: number | undefined
  #rarities: Readonly<Rarities> = noRarities

  // A number that is no small integer, as Infinity is, takes memory of its own in every claim.
  #deadline: number | undefined = undefined
  slot = absent
  previous: Claim | undefined = undefined
  next: Claim | undefined = undefined
  previousOfSession: Claim | undefined = undefined
  nextOfSession: Claim | undefined = undefined
  older: Session | Lock | Claim | undefined = undefined
  newer: Session | Lock | Claim | undefined = undefined

  constructor(lock: Lock, session: Session, asked: Asked, order: number, time: number) {
    this.lock = lock
    this.session = session
    this.owner = asked.owner
    this.mode = asked.mode
    this.order = order
    this.since = time
    this.attempt = asked.request
    this.seq = asked.seq
    const { lockDelayMillis, maxHoldMillis, value } = asked
    if (value !== undefined || lockDelayMillis !== 0 || maxHoldMillis !== undefined) {
      Object.assign(this.#own(), { value, lockDelayMillis, maxHoldMillis })
    }
  }

  get value(): string | undefined {
    return this.#rarities.value
  }

  get lockDelayMillis(): number {
    return this.#rarities.lockDelayMillis
  }

  get maxHoldMillis(): number | undefined {
    return this.#rarities.maxHoldMillis
  }

  /** Waiting: the end of the wait. Held: the end of the hold, if any. Delayed: the end of the lock-delay. */
  get deadline(): number {
    return this.#deadline ?? Infinity
  }

  set deadline(deadline: number) {
    this.#deadline = deadline === Infinity ? undefined : deadline
  }

  /** Earlier attempts that were told of the grant as well: hardly ever any. */
  get olderTold(): Array<RequestId> | undefined {
    return this.#rarities.olderTold
  }

  set olderTold(olderTold: Array<RequestId> | undefined) {
    if (olderTold !== this.olderTold) this.#own().olderTold = olderTold
  }

  /** The `seq` of all earlier attempts. */
  get olderSeqs(): Array<number> | undefined {
    return this.#rarities.olderSeqs
  }

  set olderSeqs(olderSeqs: Array<number> | undefined) {
    if (olderSeqs !== this.olderSeqs) this.#own().olderSeqs = olderSeqs
  }

  #own(): Rarities {
    if (this.#rarities === noRarities) this.#rarities = new Rarities()
    return this.#rarities
  }

  /** Whether its client has yet to learn the id of the session, which this very attempt made. */
  get isMinting(): boolean {
    return this.session.mintedBy === this.attempt
  }

  /** The `seq` of every acquire that asked for it and had one. */
  get seqs(): ReadonlyArray<number> {
    const older = this.olderSeqs ?? noSeqs
    return this.seq === undefined ? older : [...older, this.seq]
  }

  /** Another attempt is told of the grant, beside those that were told before. */
  tell(attempt: RequestId): void {
    const told = (this.olderTold ?? []).filter((older) => older !== attempt)
    told.push(this.attempt)
    this.olderTold = told.length > toldMax ? [unnamed] : told
    this.attempt = attempt
  }

  /** An attempt is told nothing after all. Returns whether it was the last; a waiter has but one. */
  untell(attempt: RequestId): boolean {
    if (this.attempt !== attempt) {
      this.olderTold = this.olderTold?.filter((older) => older !== attempt)
      return false
    }
    const older = this.olderTold?.pop()
    if (older === undefined) return true
    this.attempt = older
    return false
  }
}

const noSeqs: ReadonlyArray<number> = []

/** A client that asks for what it holds over and over must not fill the memory. */
const toldMax = 8

/** Stands for attempts that are not kept by name. None is called so, so it is never taken back. */
const unnamed = "" as RequestId
