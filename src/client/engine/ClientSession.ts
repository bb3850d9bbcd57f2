/**
 * One session of a client: opened when it is first needed, renewed for all its locks at once, and taken for lost by the
 * client's own clock before the cluster can end it.
 *
 * Its deadline counts from before the renewal was sent. Once lost it stays lost, whatever answers still come.
 */
import { Effect } from "effect"
import type { SessionId } from "../../api/Fields.ts"
import { SessionExpired } from "../../api/Problems.ts"
import type { Problem } from "../../api/rpc/Conversation.ts"
import type { LossReason } from "../ClientErrors.ts"
import type { Call, Settled } from "./Call.ts"
import type { Endings } from "./Endings.ts"
import type { Engine } from "./Engine.ts"
import { OwnedClaim } from "./OwnedClaim.ts"
import { Seqs } from "./Seqs.ts"

export interface SessionOptions {
  readonly engine: Engine
  readonly ttlMillis: number
  readonly label: string
  readonly endings: Endings
  /** Runs it for as long as the client lives, or until what is returned ends it. */
  readonly fork: (effect: Effect.Effect<void>) => () => void
}

/** A grant in the session, which is told when the session is over. */
export interface Grant {
  readonly lose: (reason: LossReason) => void
  /** Looks at the clock. */
  readonly look: () => void
}

/** An acquire that is not decided. */
export interface Waiter {
  readonly seq: number
  readonly renumber: (seqs: Seqs) => void
}

export class ClientSession {
  readonly options: SessionOptions
  readonly seqs = new Seqs()
  readonly grants = new Set<Grant>()
  /** Those that end before the session does. */
  readonly holds = new Set<Grant>()
  /** In the order of their numbers. */
  readonly waiters = new Set<Waiter>()
  /** Of owners that were named, while they have anything to do with a lock. */
  readonly #claims = new Map<string, OwnedClaim>()
  /** Null until it is open. */
  id: SessionId | null = null
  /** Opens it. */
  #opening: Call | null = null
  /** When the last renewal that was accepted had been sent. */
  #renewedAt = 0
  /** When it is to look at the clock; much later than that, the machine has slept. */
  #lookAt = Infinity
  readonly #ownerPart: string
  #owners = 0
  #isOver = false
  #isRenewing = false
  /** Handles of grants that nobody has let go of: of the lost ones, somebody may still be at work. */
  #inHand = 0
  /** Given up by the client's own clock: the cluster may not know. */
  #isGivenUp = false

  constructor(options: SessionOptions) {
    this.options = options
    this.#ownerPart = Math.floor(options.engine.options.random() * ownerParts).toString(36)
    this.#open()
  }

  /** Why it is not open yet, as a node has said. Of what was to be asked in it nothing is unknown: it was not asked. */
  get problem(): Problem | null {
    const problem = this.id === null ? this.#opening?.problem ?? null : null
    return problem?._tag === "OutcomeUnknown" ? null : problem
  }

  /** Whether acquires may be made in it. */
  get isUsable(): boolean {
    return !this.#isOver && this.seqs.window < windowMax
  }

  /** When the client takes it for lost, as things are. */
  get lostAt(): number {
    return this.id === null ? Infinity : this.#renewedAt + this.options.ttlMillis * lostPart
  }

  /** A renewal is overdue. */
  get isInJeopardy(): boolean {
    return this.options.engine.nowForCertain >= this.#renewedAt + this.options.ttlMillis * jeopardyPart
  }

  /** Whether it is over as far as is known; whoever is about to rely on the answer asks `isOver`. */
  get hasEnded(): boolean {
    return this.#isOverAt(this.options.engine.now)
  }

  get isOver(): boolean {
    return this.#isOverAt(this.options.engine.nowForCertain)
  }

  #isOverAt(now: number): boolean {
    if (!this.#isOver && now >= this.lostAt) this.#end("expired", new SessionExpired({}))
    return this.#isOver
  }

  /** Gives it back, with all that it holds. Calls `done` when that is done or cannot be done any more. */
  close(done: () => void): void {
    const isToEnd = !this.isOver || this.#isGivenUp
    this.#isGivenUp = false
    this.#end("closed", new SessionExpired({}))
    if (!isToEnd || this.id === null) return done()
    return this.#endInCluster(done)
  }

  /** The client has given it up, and somebody has something of it in hand yet. */
  get isInTheWay(): boolean {
    return this.#isGivenUp
  }

  /** A grant is in somebody's hand. */
  taken(): void {
    this.#inHand += 1
  }

  /** Whoever had it in hand is done with it. */
  letGo(): void {
    this.#inHand -= 1
    this.#endIfUnused()
  }

  // Its holders are told that it is lost while the cluster still keeps it for them: that time is for them to stop in.
  // When they have, nobody needs it any more, and it would only be in the way.
  #endIfUnused(): void {
    if (!this.#isGivenUp || this.#inHand > 0) return
    this.#isGivenUp = false
    const { endings } = this.options
    endings.begun()
    this.#endInCluster(() => endings.done())
  }

  #endInCluster(done: () => void): void {
    const { engine, ttlMillis } = this.options
    const until = engine.now + ttlMillis
    const call = { session: this, waits: false, operation: (id: number) => ({ _tag: "EndSession", id }) as const }
    const goOn = (settled: Settled) => {
      done()
      // Nobody waits any longer, and it goes on.
      if (settled._tag === "TimedOut") engine.submit({ ...call, deadline: until, settle: () => {} })
    }
    engine.submit({ ...call, deadline: Math.min(until, engine.now + endMillisMax), settle: goOn })
  }

  /** The cluster says that it knows no such session. */
  expired(): void {
    this.#end("session-ended", new SessionExpired({}))
  }

  /** One that nobody else has in this session, also nobody who chose one. */
  nextOwner(): string {
    this.#owners += 1
    return `${this.#ownerPart}-${this.#owners.toString(36)}`
  }

  hasClaim(name: string, owner: string): boolean {
    return this.#claims.has(keyOf(name, owner))
  }

  /** Of an owner that was named. */
  claimOf(name: string, owner: string): OwnedClaim {
    const key = keyOf(name, owner)
    const known = this.#claims.get(key)
    if (known !== undefined) return known
    const claim = new OwnedClaim(() => this.#claims.delete(key))
    this.#claims.set(key, claim)
    return claim
  }

  /** A number for a new request. */
  nextSeq(): number {
    if (this.seqs.window >= windowMax / 2 && this.waiters.size < this.seqs.window / 2) this.#renumber()
    return this.seqs.next()
  }

  // For one that waits long, a node would keep the outcomes of all that came after it. A waiter that asks again under
  // another number is the same waiter to the node. Where something else is the oldest, it would help nobody.
  #renumber(): void {
    for (let left = this.waiters.size; left > 0 && this.seqs.window >= windowMax / 2; left--) {
      const [oldest] = this.waiters
      if (oldest === undefined || oldest.seq !== this.seqs.doneThrough + 1) return
      this.waiters.delete(oldest)
      this.waiters.add(oldest)
      oldest.renumber(this.seqs)
    }
  }

  #open(): void {
    const { engine, label, ttlMillis: ttlMs } = this.options
    const call: Call = engine.submit({
      session: null,
      operation: (id) => ({ _tag: "OpenSession", id, ttlMs, label }),
      deadline: Infinity,
      waits: false,
      settle: (settled) => this.#opened(call, settled)
    })
    this.#opening = call
  }

  #opened(call: Call, settled: Settled): void {
    if (this.#isOver) return
    if (settled._tag === "Failed") return this.#end("session-ended", settled.problem)
    if (settled._tag !== "SessionOpened") throw new Error(`broken invariant: ${settled._tag} opens no session`)
    const { engine, fork, ttlMillis } = this.options
    // The answer was too long on its way to be of use.
    if (engine.now >= call.sentAt + ttlMillis * lostPart) return this.#open()
    this.id = settled.session
    this.#renewedAt = call.sentAt
    engine.againFor(this)
    fork(this.#keep)
  }

  /** Renews it each third of its TTL, and notices when it is lost. */
  readonly #keep: Effect.Effect<void> = Effect.suspend(() => {
    if (this.isOver) return Effect.void
    const { engine, ttlMillis } = this.options
    const { now } = engine
    if (now >= this.#lookAt + lookMillisMax) { for (const hold of this.holds) hold.look() }
    const renewAt = this.#renewedAt + ttlMillis * renewPart
    if (now >= renewAt && !this.#isRenewing) this.#renew()
    const next = now >= renewAt ? this.lostAt : Math.min(renewAt, this.lostAt)
    const millis = Math.ceil(Math.max(1, Math.min(next - now, lookMillisMax)))
    this.#lookAt = now + millis
    return Effect.andThen(Effect.sleep(millis), this.#keep)
  })

  #renew(): void {
    this.#isRenewing = true
    const call: Call = this.options.engine.submit({
      session: this,
      operation: (id) => ({ _tag: "RenewSession", id }),
      deadline: Infinity,
      waits: false,
      settle: (settled) => this.#renewed(call, settled)
    })
  }

  #renewed(call: Call, settled: Settled): void {
    this.#isRenewing = false
    if (this.isOver) return
    if (settled._tag === "SessionRenewed") this.#renewedAt = Math.max(this.#renewedAt, call.sentAt)
    else if (settled._tag === "Failed") this.#end("session-ended", settled.problem)
  }

  #end(reason: LossReason, problem: Problem): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const grant of this.grants) grant.lose(reason)
    this.options.engine.endCallsOf(this, problem)
    // Only now: some of its holders let go as soon as they are told.
    this.#isGivenUp = reason === "expired" && this.id !== null
    this.#endIfUnused()
  }
}

const keyOf = (name: string, owner: string): string => JSON.stringify([name, owner])

const ownerParts = 36 ** 5

const renewPart = 1 / 3
const jeopardyPart = 2 / 3

/** Of the TTL. The rest is for clocks that run at different rates, and for what the holder does when it is told. */
export const lostPart = 0.9

/** How long anybody waits for the cluster to hear of the end of a session. */
const endMillisMax = 5_000

/** How long a look at the clock may be put off: a timer stands still while the machine sleeps. */
const lookMillisMax = 250

/** Outcomes that a node may have to keep for a session, with room left for the release of each of its grants. */
const windowMax = 2_048
