/**
 * One acquire, from its first attempt to its grant, its refusal, or its withdrawal.
 *
 * Whoever stops waiting leaves nothing behind: a waiter leaves the queue, and a grant that was on its way is released.
 * That goes on in the background for as long as the session lives, which ends what is left.
 */
import type { LockMode } from "../../api/Fields.ts"
import { LockHeld, SessionExpired, WaitTimeout } from "../../api/Problems.ts"
import type { Operation, Outcome, Problem } from "../../api/rpc/Conversation.ts"
import type { AcquireError, Unavailable } from "../ClientErrors.ts"
import type { Call, Settled } from "./Call.ts"
import { type ClientSession, lostPart } from "./ClientSession.ts"
import { type Engine, graceMillis } from "./Engine.ts"
import { HeldLock } from "./HeldLock.ts"
import { operationOf, waitOf } from "./Operations.ts"
import type { OwnedClaim, Turn } from "./OwnedClaim.ts"
import { closed, errorOf, full, unavailable } from "./Refusals.ts"
import type { Seqs } from "./Seqs.ts"
import type { Sessions } from "./Sessions.ts"

export interface AcquireRequest {
  readonly name: string
  readonly ttlMillis: number
  /** How long to wait; null fails at once, `Infinity` never. */
  readonly waitMillis: number | null
  readonly owner: string | null
  readonly mode: LockMode
  readonly permits: number
  readonly lockDelayMillis: number
  readonly maxHoldMillis: number | null
  readonly value: string | null
  /** What nodes that trace hang their spans under (W3C Trace Context). */
  readonly traceparent?: string | undefined
}

export interface Listener {
  readonly granted: (lock: HeldLock) => void
  readonly refused: (refusal: AcquireError) => void
}

export interface Ground {
  readonly engine: Engine
  readonly sessions: Sessions
  /** How long an acquire that does not wait is tried. */
  readonly answerMillis: number
}

export class Acquisition {
  readonly #ground: Ground
  readonly #request: AcquireRequest
  readonly #listener: Listener
  readonly #deadline: number
  #attempt: Attempt | null = null
  #isOver = false

  constructor(ground: Ground, request: AcquireRequest, listener: Listener) {
    this.#ground = ground
    this.#request = request
    this.#listener = listener
    this.#deadline = ground.engine.now + (request.waitMillis ?? ground.answerMillis)
    if (ground.engine.isFull) this.#refuse(full())
    else this.#begin()
  }

  /** Stops it; nothing happens when it is decided already. */
  cancel(): void {
    if (this.#isOver) return
    this.#isOver = true
    const attempt = this.#attempt
    if (attempt === null) return
    this.#ground.engine.drop(attempt.call)
    attempt.session.waiters.delete(this)
    this.#withdraw(attempt)
  }

  get seq(): number {
    return this.#attempt?.seq ?? 0
  }

  renumber(seqs: Seqs): void {
    const attempt = this.#attempt!
    const { call, seq } = attempt
    attempt.seq = seqs.next()
    seqs.done(seq)
    this.#ground.engine.again(call)
  }

  #begin(): void {
    const { engine, sessions } = this.#ground
    const { name, owner, ttlMillis, waitMillis } = this.#request
    if (sessions.isClosed) return this.#refuse(closed())
    const session = sessions.of(ttlMillis, name, owner)
    const claim = owner === null ? null : session.claimOf(name, owner)
    const waits = waitMillis !== null
    if (claim !== null && !waits && claim.isWaiting && !claim.isHeld) return this.#look(claim)
    const attempt: Attempt = {
      session,
      claim,
      waits,
      wish: claim === null ? "" : this.#wish,
      deadline: this.#deadline,
      askedUntil: this.#deadline,
      proceed: () => engine.again(attempt.call),
      owner: owner ?? session.nextOwner(),
      seq: session.nextSeq(),
      call: undefined as never,
      isGranted: false
    }
    this.#attempt = attempt
    attempt.call = engine.submit({
      session,
      operation: (id, now) => this.#ask(attempt, id, now),
      deadline: this.#deadline,
      waits,
      mayGo: () => claim === null || claim.isTurnOf(attempt),
      outlasts: () => attempt.askedUntil > this.#deadline,
      settle: (settled) => this.#settle(attempt, settled)
    })
    if (waits) session.waiters.add(this)
    claim?.enter(attempt)
  }

  get #wish(): string {
    const { lockDelayMillis, maxHoldMillis, mode, permits, value } = this.#request
    return JSON.stringify([mode, permits, lockDelayMillis, maxHoldMillis, value])
  }

  // To the cluster, an owner that waits and asks without a wait leaves the queue: it is told how the lock is instead.
  #look(claim: OwnedClaim): void {
    const { name: lock } = this.#request
    this.#attempt = null
    this.#ground.engine.submit({
      session: null,
      operation: (id) => ({ _tag: "Look", id, lock }),
      deadline: this.#deadline,
      waits: false,
      settle: (settled) => {
        if (this.#isOver) return undefined
        if (claim.isHeld) return this.#begin()
        if (settled._tag === "Seen") return this.#refuse(new LockHeld(settled.lock))
        const isTold = settled._tag === "Failed" || settled._tag === "TimedOut"
        return this.#refuse((isTold ? settled.problem : null) ?? this.#unavailable())
      }
    })
  }

  #ask(attempt: Attempt, id: number, now: number): Operation {
    attempt.askedUntil = attempt.claim?.wantedUntil(attempt) ?? this.#deadline
    return this.#operation(attempt, id, attempt.waits ? waitOf(attempt.askedUntil - now) : 0)
  }

  #operation({ owner, seq }: Attempt, id: number, waitMs: number): Operation {
    return operationOf(this.#request, { id, owner, seq, waitMs })
  }

  #settle(attempt: Attempt, settled: Settled): void {
    const { seq, session } = attempt
    session.waiters.delete(this)
    if (settled._tag === "TimedOut") {
      // The place is kept for another acquire of this owner, or by one: no node says that this one's time is over.
      const isAlone = attempt.askedUntil <= this.#deadline && attempt.claim?.isTurnOf(attempt) !== false
      this.#withdraw(attempt)
      return this.#refuse(settled.problem ?? (isAlone || !settled.isLinked ? this.#unavailable() : new WaitTimeout({})))
    }
    if (settled._tag === "Granted" && this.#isToConfirm(attempt, settled)) return this.#confirm(attempt)
    session.seqs.done(seq)
    if (settled._tag === "Granted") return this.#grant(attempt, settled)
    if (settled._tag !== "Failed") throw new Error(`broken invariant: ${settled._tag} settles no acquire`)
    attempt.claim?.leave(attempt)
    return this.#failed(attempt, settled.problem)
  }

  #failed({ session }: Attempt, problem: Problem): void {
    this.#attempt = null
    if (problem._tag === "SessionExpired") session.expired()
    if (this.#ground.sessions.isClosed) return this.#refuse(closed())
    const isPassing = problem._tag === "SessionExpired" || problem._tag === "RequestStale" ||
      problem._tag === "WaitTimeout"
    if (isPassing && !this.#isPastDeadline) return this.#begin()
    if (problem._tag === "LockHeld" && this.#ground.sessions.endings.await(() => this.#askAnew(problem))) {
      return undefined
    }
    return this.#refuse(problem)
  }

  // It may have been a session of this client's own that was in the way, and is gone now.
  #askAnew(problem: Problem): void {
    if (this.#isOver) return undefined
    return this.#isPastDeadline ? this.#refuse(problem) : this.#begin()
  }

  get #isPastDeadline(): boolean {
    return this.#ground.engine.now >= this.#deadline - 1
  }

  #grant(attempt: Attempt, granted: Granted): void {
    const { claim, session } = attempt
    const isOver = granted.expiresInMs === 0 || claim?.hasGivenBack(granted.token) === true
    const lock = isOver || session.hasEnded ? null : this.#lockOf(attempt, granted)
    claim?.leave(attempt)
    if (session.hasEnded) return this.#failed(attempt, new SessionExpired({}))
    if (lock === null) return this.#missed()
    if (lock.loss !== null) {
      // Too little was left of its hold for it to be of use.
      lock.release(() => {})
      return this.#missed()
    }
    this.#isOver = true
    return this.#listener.granted(lock)
  }

  // The grant was over before its answer was heard, by its maxHold or its release. Of the session that says nothing.
  #missed(): void {
    if (!this.#isPastDeadline) return this.#begin()
    return this.#refuse(this.#request.waitMillis === null ? this.#unavailable() : new WaitTimeout({}))
  }

  // What is left of the hold is known as of some time after the question was sent. If the lock was long in coming,
  // another question tells it better.
  #isToConfirm({ call }: Attempt, { holdEndsInMs }: Granted): boolean {
    if (holdEndsInMs === undefined) return false
    return this.#ground.engine.now - call.sentAt > this.#holdOf(holdEndsInMs) * (1 - lostPart) / 2
  }

  // Who first asked for this grant may have asked for a maxHold that this request knows nothing of.
  #holdOf(holdEndsInMs: number): number {
    return Math.max(holdEndsInMs, this.#request.maxHoldMillis ?? 0)
  }

  #confirm(attempt: Attempt): void {
    attempt.isGranted = true
    const { engine } = this.#ground
    attempt.call = engine.submit({
      session: attempt.session,
      operation: (id) => this.#operation(attempt, id, 0),
      deadline: Math.max(this.#deadline, engine.now) + graceMillis,
      waits: false,
      settle: (settled) => this.#settle(attempt, settled)
    })
  }

  #lockOf({ call, claim, owner, session }: Attempt, { holdEndsInMs, token }: Granted): HeldLock {
    const { name } = this.#request
    const holdLostAt = holdEndsInMs === undefined
      ? Infinity
      : call.sentAt + holdEndsInMs - this.#holdOf(holdEndsInMs) * (1 - lostPart)
    return new HeldLock({ session, name, owner, token, holdLostAt, claim })
  }

  #refuse(refusal: Problem | Unavailable): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#listener.refused(errorOf(this.#request.name, refusal))
  }

  #unavailable(): Unavailable {
    const { engine, sessions } = this.#ground
    return sessions.isClosed ? closed() : unavailable(this.#request.name, engine.tried)
  }

  /** An acquire that does not wait leaves the queue, and tells of a grant that came first. */
  #withdraw(attempt: Attempt): void {
    const { call, claim, isGranted, seq, session } = attempt
    const isNowhere = call.sentAt < 0 && !isGranted && claim?.hasInherited(attempt) !== true
    if (isNowhere) {
      session.seqs.done(seq)
      return claim?.leave(attempt)
    }
    if (!isGranted && claim?.isFollowed(attempt) === true) return session.seqs.done(claim.handOver(attempt))
    const leaving: Attempt = { ...attempt }
    leaving.call = this.#ground.engine.submit({
      session,
      operation: (id) => this.#operation(leaving, id, 0),
      deadline: Infinity,
      waits: false,
      settle: (settled) => {
        session.seqs.done(seq)
        const isHeld = settled._tag === "Granted" && settled.expiresInMs > 0
        if (isHeld && claim?.hasGivenBack(settled.token) !== true) this.#lockOf(leaving, settled).takeBack()
        claim?.leave(attempt)
      }
    })
    return undefined
  }
}

interface Attempt extends Turn {
  readonly session: ClientSession
  /** Of an owner that was named. */
  readonly claim: OwnedClaim | null
  readonly owner: string
  /** For how long the node has been asked to let it wait. */
  askedUntil: number
  call: Call
  /** The cluster has granted it, whatever is still asked about the grant. */
  isGranted: boolean
}

type Granted = Extract<Outcome, { readonly _tag: "Granted" }>
