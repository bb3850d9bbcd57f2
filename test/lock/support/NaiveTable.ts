/**
 * The lock table once more, as plainly as it can be said: two arrays, searched from end to end. What there is, what
 * ends when, who is granted, and what readers see; the rules of commands are in `NaiveLocks`.
 */
import type { FencingToken, LockName, RequestId } from "../../../src/lock/Identifiers.ts"
import type { Acquire, OpenSession, Release } from "../../../src/lock/LockCommand.ts"
import type { Holder, LockReply, Settled } from "../../../src/lock/LockReply.ts"
import type { LockView } from "../../../src/lock/LockView.ts"

export interface Session {
  readonly born: number
  readonly opening: OpenSession | Acquire
  readonly ttl: number
  readonly label: string
  ends: number
  seqDone: number
  /** Every request with a seq that has or awaits an outcome. */
  requests: Array<{ seq: number; request: Acquire | Release; claim?: Claim; outcome?: () => LockReply }>
  released: Array<Claim>
}

export interface Claim {
  readonly born: number
  readonly asked: Acquire
  readonly session: Session
  state: "waiting" | "held" | "delayed" | "over"
  /** The attempts that wait, of which there is one, or that were told of the grant. The last is the latest. */
  attempts: Array<RequestId>
  /** Too many were told of the grant for hang-ups to free it. */
  isPinned: boolean
  ends: number
  since: number
  token: number
}

/** What is left of another cluster's state: nothing but what keeps its clients safe. */
interface Backup {
  readonly lastToken: number
  readonly grantsAfter: number
}

export class NaiveTable {
  time = 0
  lastToken: number
  protected readonly grantsAfter: number
  /** Locks that were asked for before anything could be granted, in that order. */
  protected heldBack: Array<LockName> = []
  protected births = 0
  protected living: Array<Session> = []
  protected claims: Array<Claim> = []
  protected freed: Array<LockName> = []
  protected settled: Array<Settled> = []

  constructor({ grantsAfter, lastToken }: Backup = { lastToken: 0, grantsAfter: 0 }) {
    this.lastToken = lastToken
    this.grantsAfter = grantsAfter
  }

  // Reads

  get hasSessions(): boolean {
    return this.living.length > 0
  }

  nextDeadline(): number | undefined {
    const grants = this.heldBack.some((name) => this.of(name).length > 0) ? this.grantsAfter : Infinity
    const next = Math.min(grants, ...this.mortal().map((one) => one.ends))
    return next === Infinity ? undefined : next
  }

  lock(name: LockName, now: number): LockView {
    const claims = this.of(name)
    const taken = claims.filter((claim) => claim.state !== "waiting")
    const tokens = this.claims.filter((claim) => claim.asked.lock === name && claim.token > 0)
    return {
      name,
      mode: taken[0]?.asked.mode ?? null,
      permits: claims.length === 0 ? 1 : limit(claims[0]!.asked),
      holders: this.holders(name, now),
      queueLength: claims.length - taken.length,
      lockDelayLeftMillis: this.delayLeft(name, now),
      lastToken: claims.length === 0 || tokens.length === 0
        ? null
        : Math.max(...tokens.map((claim) => claim.token)) as FencingToken
    }
  }

  /** In no order. */
  lockNames(): ReadonlyArray<LockName> {
    return [...new Set(this.live().map((claim) => claim.asked.lock))]
  }

  sessions(now: number) {
    return this.living.map((session) => ({
      label: session.label,
      ttlMillis: session.ttl,
      expiresInMillis: Math.max(0, session.ends - now),
      holds: this.claims.filter((claim) => claim.session === session && claim.state === "held").length,
      waits: this.claims.filter((claim) => claim.session === session && claim.state === "waiting").length
    }))
  }

  check(name: LockName, token: FencingToken): boolean {
    return this.of(name).some((claim) => claim.token === token && claim.state === "held")
  }

  // The passing of time

  protected mortal(): Array<Session | Claim> {
    return [...this.living, ...this.live()]
  }

  protected due(): Session | Claim | undefined {
    const due = this.mortal().filter((one) => one.ends <= this.time)
    return due.toSorted((one, other) => one.ends - other.ends || one.born - other.born)[0]
  }

  protected expire(due: Session | Claim): void {
    if ("opening" in due) return this.endSession(due, true)
    if (due.state === "delayed") return this.free(due)
    if (due.state === "held") return this.delay(due)
    this.say(latest(due), { _tag: "WaitTimedOut" })
    this.leave(due, () => ({ _tag: "WaitTimedOut" }))
  }

  protected delay(claim: Claim): void {
    if (claim.asked.lockDelayMillis <= 0) return this.free(claim)
    claim.state = "delayed"
    claim.ends = this.time + claim.asked.lockDelayMillis
  }

  protected free(claim: Claim): void {
    claim.state = "over"
    this.freed.push(claim.asked.lock)
  }

  protected endSession(session: Session, isExpired: boolean): void {
    this.living = this.living.filter((one) => one !== session)
    for (const claim of this.claims.filter((one) => one.session === session)) {
      if (claim.state === "waiting") this.say(latest(claim), { _tag: "SessionExpired" })
      if (claim.state === "held" && isExpired) this.delay(claim)
      else if (claim.state !== "over" && claim.state !== "delayed") this.free(claim)
    }
  }

  // Granting

  protected grantFreed(): void {
    for (const name of this.freed) this.grant(name)
    this.freed = []
  }

  protected grantHeldBack(): void {
    if (this.time < this.grantsAfter) return
    for (const name of this.heldBack) this.grant(name)
    this.heldBack = []
  }

  protected grant(name: LockName): void {
    if (this.time < this.grantsAfter) return
    for (const claim of this.of(name)) {
      if (claim.state !== "waiting") continue
      const taken = this.of(name).filter((one) => one.state !== "waiting")
      const isTogether = claim.asked.mode === "shared"
        ? taken.every((one) => one.asked.mode === "shared")
        : taken.every((one) => one.asked.mode === "exclusive") && taken.length < limit(claim.asked)
      if (!isTogether) return
      this.hold(claim)
    }
  }

  protected hold(claim: Claim): void {
    claim.state = "held"
    claim.token = ++this.lastToken
    claim.since = this.time
    claim.ends = this.time + (claim.asked.maxHoldMillis ?? Infinity)
    if (this.isMinting(claim)) claim.session.ends = this.time + claim.session.ttl
    this.tellSeqs(claim, () => this.granted(claim))
    this.say(latest(claim), this.granted(claim))
  }

  protected granted(claim: Claim): LockReply {
    const { asked, session, state, token } = claim
    const left = state === "held"
      ? { expiresInMillis: Math.min(session.ends, claim.ends) - this.time }
      : { expiresInMillis: 0 }
    const hold = state === "held" && asked.maxHoldMillis !== undefined
      ? { holdEndsInMillis: claim.ends - this.time }
      : {}
    const grant = { mode: asked.mode, owner: asked.owner, token: token as FencingToken, ttlMillis: session.ttl }
    return { _tag: "Granted", ...grant, ...left, ...hold }
  }

  // Births and deaths

  protected open(opening: OpenSession | Acquire, ttl: number, label: string): Session {
    const ends = this.time + ttl
    const session = { born: ++this.births, opening, ttl, label, ends, seqDone: -1, requests: [], released: [] }
    this.living.push(session)
    return session
  }

  protected claim(asked: Acquire, session: Session): Claim {
    const claim: Claim = {
      born: ++this.births,
      asked,
      session,
      state: "waiting",
      attempts: [asked.request],
      isPinned: false,
      ends: Infinity,
      since: this.time,
      token: 0
    }
    if (this.time < this.grantsAfter && this.of(asked.lock).length === 0) {
      this.heldBack = [...this.heldBack.filter((name) => name !== asked.lock), asked.lock]
    }
    this.claims.push(claim)
    return claim
  }

  protected leave(claim: Claim, outcome: () => LockReply): void {
    this.tellSeqs(claim, outcome)
    this.withdraw(claim)
  }

  protected withdraw(claim: Claim): void {
    this.free(claim)
    if (this.isMinting(claim)) this.endSession(claim.session, false)
  }

  protected tellSeqs(claim: Claim, outcome: () => LockReply): void {
    for (const request of claim.session.requests) if (request.claim === claim) request.outcome = outcome
  }

  // Helpers

  protected live(): Array<Claim> {
    return this.claims.filter((claim) => claim.state !== "over")
  }

  protected of(name: LockName): Array<Claim> {
    return this.live().filter((claim) => claim.asked.lock === name)
  }

  protected claimOf(session: Session, { lock, owner }: Pick<Acquire, "lock" | "owner">): Claim | undefined {
    return this.of(lock).find((claim) =>
      claim.session === session && claim.asked.owner === owner && claim.state !== "delayed"
    )
  }

  protected isMinting(claim: Claim): boolean {
    const { opening } = claim.session
    return opening._tag === "Acquire" && opening.request === latest(claim).request
  }

  protected lease({ ends, ttl }: Session) {
    return { ttlMillis: ttl, expiresInMillis: ends - this.time }
  }

  protected delayLeft(name: LockName, now: number): number {
    const delays = this.of(name).filter((claim) => claim.state === "delayed")
    return Math.max(0, this.grantsAfter - now, ...delays.map((claim) => claim.ends - now))
  }

  protected holders(name: LockName, now: number): Array<Holder> {
    return this.of(name).filter((claim) => claim.state === "held").map(({ asked, ends, session, since, token }) => ({
      label: session.label,
      owner: asked.owner,
      mode: asked.mode,
      token: token as FencingToken,
      heldMillis: Math.max(0, now - since),
      expiresInMillis: Math.max(0, Math.min(session.ends, ends) - now),
      ...(asked.maxHoldMillis !== undefined && { holdEndsInMillis: Math.max(0, ends - now) }),
      ...(asked.value !== undefined && { value: asked.value })
    }))
  }

  protected lockHeld(name: LockName): LockReply {
    const { holders, lockDelayLeftMillis, queueLength } = this.lock(name, this.time)
    return { _tag: "LockHeld", holders: holders.slice(0, 100), queueLength, lockDelayLeftMillis }
  }

  protected say({ request }: { request: Settled["request"] }, reply: LockReply): void {
    this.settled.push({ request, reply })
  }
}

export const latest = ({ attempts }: Claim) => ({ request: attempts.at(-1)! })

export const limit = ({ mode, permits }: Acquire): number => mode === "shared" ? 1 : permits
