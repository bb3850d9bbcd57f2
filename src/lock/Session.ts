/**
 * A client's lease, and all that ends with it: what it holds, what it waits for, what it remembers of its requests.
 *
 * A minted session was made by an acquire that had none. It is bound to that lock, and as long as the acquire's attempt
 * is the latest its client does not know the session's id. A record: who changes it is `LockState` (see `changing`).
 */
import type { Claim } from "./Claim.ts"
import type { Created } from "./CreationList.ts"
import { absent, type Due } from "./DeadlineHeap.ts"
import type { LockName, RequestId, SessionHash } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import { type Numbered, type Outcome, type Recalled, type ReleaseOutcome, RequestMemory } from "./RequestMemory.ts"

/** The acquire that makes a session. */
export interface Minting {
  readonly lock: LockName
  readonly request: RequestId
}

export class Session implements Due, Created<Session | Lock | Claim> {
  readonly hash: SessionHash
  readonly ttlMillis: number
  readonly label: string
  readonly order: number
  /** For a minted session: the only lock it can be used for, and the attempt that made it. */
  readonly boundTo: LockName | undefined
  readonly mintedBy: RequestId | undefined

  holds = 0
  waits = 0
  firstClaim: Claim | undefined = undefined
  lastClaim: Claim | undefined = undefined
  deadline = Infinity
  slot = absent
  older: Session | Lock | Claim | undefined = undefined
  newer: Session | Lock | Claim | undefined = undefined
  #memory: RequestMemory | undefined = undefined

  constructor(hash: SessionHash, ttlMillis: number, label: string, order: number, mint: Minting | undefined) {
    this.hash = hash
    this.ttlMillis = ttlMillis
    this.label = label
    this.order = order
    this.boundTo = mint?.lock
    this.mintedBy = mint?.request
  }

  /** What it remembers of its requests; undefined while that is nothing. */
  get memory(): RequestMemory | undefined {
    return this.#memory
  }

  /** See RequestMemory: most sessions never need one. */
  recall(request: Numbered): Recalled {
    return this.#remember().recall(request)
  }

  note(seq: number, what: Claim | Outcome): void {
    this.#remember().note(seq, what)
  }

  unnote(seq: number): void {
    this.#memory?.forget(seq)
  }

  noteRelease(release: ReleaseOutcome): void {
    this.#remember().noteRelease(release)
  }

  /** A lock-delay may refer to its session for a while, to which what the session knew is of no use. */
  forgetAll(): void {
    this.#memory = undefined
  }

  attach(claim: Claim): void {
    claim.previousOfSession = this.lastClaim
    if (this.lastClaim === undefined) this.firstClaim = claim
    else this.lastClaim.nextOfSession = claim
    this.lastClaim = claim
  }

  detach(claim: Claim): void {
    if (claim.previousOfSession === undefined) this.firstClaim = claim.nextOfSession
    else claim.previousOfSession.nextOfSession = claim.nextOfSession
    if (claim.nextOfSession === undefined) this.lastClaim = claim.previousOfSession
    else claim.nextOfSession.previousOfSession = claim.previousOfSession
    claim.previousOfSession = undefined
    claim.nextOfSession = undefined
  }

  #remember(): RequestMemory {
    return (this.#memory ??= new RequestMemory())
  }
}
