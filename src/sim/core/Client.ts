/**
 * One client: it opens a session, renews it, and visits one lock after the other: asks, waits, holds, gives back. Now
 * and then it hangs up, stands still, ends its session, or is gone for ever. It obeys its own deadline, and what it is
 * told before that deadline must be what it was promised.
 */
import { FencingToken, LockName } from "../../lock/Identifiers.ts"
import type { LockReply } from "../../lock/LockReply.ts"
import type { Chronicle } from "../Chronicle.ts"
import type { Rng } from "../Rng.ts"
import { drawRate, type Scenario } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import { type Asker, Asking, type Question } from "./Asking.ts"
import type { ClientLink } from "./ClientLink.ts"
import type { Counts } from "./Clients.ts"
import type { Holding, Holdings } from "./Holdings.ts"
import { Lease } from "./Lease.ts"
import type { SimNode } from "./SimNode.ts"
import { drawWish, type Wish } from "./Wish.ts"
import { broken } from "./World.ts"

export interface ClientContext {
  readonly scenario: Scenario
  readonly schedule: Schedule
  readonly nodes: ReadonlyArray<SimNode>
  readonly link: ClientLink
  readonly holdings: Holdings
  readonly counts: Counts
  readonly chronicle: Chronicle
  /** Whether its clock is within the bound for which the promises on time are made. */
  readonly isPunctual: boolean
  readonly isClosing: () => boolean
}

export class Client {
  readonly id: string
  /** Nothing will come of it any more: it has vanished, or has come to its end. */
  isGone = false
  readonly #context: ClientContext
  readonly #rng: Rng
  readonly #rate: number
  #pausedUntil = 0
  #lease: Lease | undefined
  #sessions = 0
  #visits = 0
  #holding: Holding | undefined

  constructor(id: string, rng: Rng, context: ClientContext) {
    this.id = id
    this.#rng = rng
    this.#context = context
    this.#rate = drawRate(context.scenario, rng)
    this.#later(rng.next() * context.scenario.clients.thinkMillisMax, () => this.#open())
  }

  #open(): void {
    const { chronicle, counts, isClosing, scenario: { clients: { ttlMillis } } } = this.#context
    if (isClosing()) return this.#leave()
    this.#sessions += 1
    const name = `${this.id}-${this.#sessions}`
    const lease = new Lease(name, ttlMillis, this.#now(), this.#rate)
    this.#ask({
      make: (request) => ({ _tag: "OpenSession", request, session: lease.session, ttlMillis, label: this.id }),
      isOver: () => false,
      answered: () => {
        if (lease.deadline <= this.#now()) return this.#open()
        counts.sessions += 1
        if (chronicle.isKept) chronicle.note("session", `${this.id} opens a session of ${ttlMillis} ms`)
        this.#lease = lease
        this.#watch(lease)
        this.#renew(lease)
        this.#think(lease)
      }
    })
  }

  /** Gives up when its own deadline has passed. */
  #watch(lease: Lease): void {
    const left = lease.deadline - this.#now()
    this.#context.schedule.after(Math.max(0.01, left), () => {
      if (lease.isOver || this.isGone) return
      if (this.#now() < lease.deadline) return this.#watch(lease)
      this.#lose(lease, "has not renewed in time")
    })
  }

  #renew(lease: Lease): void {
    this.#later(lease.ttlMillis / 3, () => {
      if (lease.isOver) return
      const sentAt = this.#now()
      this.#ask({
        make: (request) => ({ _tag: "RenewSession", request, session: lease.session }),
        isOver: () => lease.isOver || this.#now() > sentAt,
        answered: (reply, sent) => this.#expired(lease, reply) || lease.renewed(sent)
      })
      this.#renew(lease)
    })
  }

  /** A session that is told to be over before its client's own deadline was ended early. */
  #expired(lease: Lease, reply: LockReply): boolean {
    if (reply._tag !== "SessionExpired") return false
    if (!lease.isOver && !lease.isEnding && this.#context.isPunctual && this.#now() < lease.deadline) {
      broken(`the session of ${this.id} ended ${Math.ceil(lease.deadline - this.#now())} ms before it might give up`)
    }
    this.#lose(lease, "is told that its session is over")
    return true
  }

  #lose(lease: Lease, why: string): void {
    if (lease.isOver) return
    const { chronicle, counts } = this.#context
    lease.isOver = true
    counts.losses += 1
    if (chronicle.isKept) chronicle.note("lost", `${this.id} ${why}${this.#holding ? " and lets go" : ""}`)
    this.#dropHolding()
    this.#later(1, () => this.#open())
  }

  #dropHolding(): void {
    if (this.#holding) this.#holding.isOver = true
    this.#holding = undefined
  }

  #think(lease: Lease): void {
    const { isClosing, scenario: { clients } } = this.#context
    if (isClosing() || this.#rng.chance(0.04)) return this.#end(lease)
    if (this.#rng.chance(clients.pauseRate)) this.#pause(lease)
    if (this.#rng.chance(0.1)) this.#meddle(lease)
    this.#later(this.#rng.next() * clients.thinkMillisMax, () => {
      if (!lease.isOver) this.#visit(lease)
    })
  }

  #pause({ ttlMillis }: Lease): void {
    const { chronicle, counts } = this.#context
    const millis = Math.ceil(this.#rng.next() * 1.5 * ttlMillis)
    counts.pauses += 1
    if (chronicle.isKept) chronicle.note("client", `${this.id} stands still for ${millis} ms`)
    this.#pausedUntil = this.#now() + millis
  }

  /** Gives back what it has not got: somebody else's grant, or one that is long over. Nothing may come of it. */
  #meddle(lease: Lease): void {
    const [lock, token] = this.#context.holdings.latest
    if (lock === undefined) return
    const ours = { session: lease.session, lock: LockName.make(lock), token: FencingToken.make(token) }
    let attempts = 0
    this.#ask({
      make: (request) => ({ _tag: "Release", request, ...ours }),
      isOver: () => (attempts += 1) > 1,
      answered: () => {}
    })
  }

  #end(lease: Lease): void {
    lease.isEnding = true
    this.#ask({
      make: (request) => ({ _tag: "EndSession", request, session: lease.session }),
      isOver: () => lease.isOver,
      answered: () => {
        if (lease.isOver) return
        lease.isOver = true
        this.#later(1, () => this.#open())
      }
    })
  }

  #visit(lease: Lease): void {
    const { counts, scenario: { clients } } = this.#context
    const asked = drawWish(this.#rng, this.#context.scenario, this.#visits += 1)
    const seq = lease.nextSeq()
    const waitsUntil = this.#now() + asked.waitMillis
    let isOver = false
    const over = (): void => {
      isOver = true
      lease.close(seq)
    }
    const asking = this.#ask({
      make: (request) => ({
        _tag: "Acquire",
        request,
        session: lease.session,
        ...asked,
        // What is left of it: a later attempt does not wait longer.
        waitMillis: Math.max(0, Math.floor(waitsUntil - this.#now())),
        seq,
        seqDone: Math.min(lease.seqDone, seq - 1)
      }),
      abandon: (attempt) => (request) => ({
        _tag: "Abandon",
        request,
        lock: asked.lock,
        session: lease.session,
        owner: asked.owner,
        attempt
      }),
      isOver: () => lease.isOver || isOver,
      answered: (reply, sentAt) => {
        over()
        if (lease.isOver || this.#expired(lease, reply)) return
        if (reply._tag === "Granted") return this.#granted(lease, asked, reply, sentAt)
        this.#think(lease)
      }
    })
    if (!this.#rng.chance(clients.cancelRate)) return
    this.#later(this.#rng.next() * clients.waitMillisMax, () => {
      if (isOver || lease.isOver) return
      over()
      counts.hangUps += 1
      asking.hangUp()
      this.#think(lease)
    })
  }

  #granted(
    lease: Lease,
    wish: Wish,
    { expiresInMillis, holdEndsInMillis, token }: Extract<LockReply, { _tag: "Granted" }>,
    sentAt: number
  ): void {
    const { chronicle, counts, holdings, scenario: { clients } } = this.#context
    const holdEnds = holdEndsInMillis === undefined ? Infinity : lease.until(sentAt, holdEndsInMillis)
    const until = (): number => Math.min(lease.deadline, holdEnds)
    counts.grants += 1
    // A grant that is over is still the first outcome of its request.
    if (expiresInMillis === 0 || until() <= this.#now()) return this.#release(lease, wish, token, () => 0)
    const holding: Holding = { ...wish, client: this.id, token, until, isOver: false }
    this.#holding = holding
    holdings.begin(holding)
    if (chronicle.isKept) chronicle.note("grant", `${this.id} gets ${wish.lock} with token ${token}`)
    if (this.#rng.chance(clients.vanishRate)) return this.#vanish()
    if (this.#rng.chance(clients.pauseRate)) this.#pause(lease)
    this.#later(this.#rng.next() * clients.holdMillisMax, () => {
      if (lease.isOver) return
      this.#dropHolding()
      this.#release(lease, wish, token, until)
    })
  }

  #release(lease: Lease, { lock, owner }: Wish, token: number, until: () => number): void {
    const seq = lease.nextSeq()
    this.#ask({
      make: (request) => ({
        _tag: "Release",
        request,
        lock,
        session: lease.session,
        owner,
        token: FencingToken.make(token),
        seq,
        seqDone: Math.min(lease.seqDone, seq - 1)
      }),
      isOver: () => lease.isOver,
      answered: (reply) => {
        lease.close(seq)
        if (lease.isOver) return
        if (reply._tag === "Released") this.#context.counts.releases += 1
        else if (this.#context.isPunctual && this.#now() < until()) {
          broken(`${this.id} gives back ${lock} (token ${token}) in time and is told ${reply._tag}`)
        }
        this.#think(lease)
      }
    })
  }

  #vanish(): void {
    const { chronicle, counts } = this.#context
    counts.vanished += 1
    if (chronicle.isKept) chronicle.note("client", `${this.id} is gone, and its lock with it until its lease ends`)
    this.#leave()
  }

  #leave(): void {
    this.#dropHolding()
    if (this.#lease) this.#lease.isOver = true
    this.isGone = true
  }

  #ask(question: Question): Asking {
    return new Asking(this.#asker, question)
  }

  readonly #now = (): number => this.#context.schedule.now

  readonly #awake = (run: () => void): void => {
    if (this.isGone) return
    const left = this.#pausedUntil - this.#now()
    if (left > 0) this.#context.schedule.after(left, () => this.#awake(run))
    else run()
  }

  readonly #later = (millis: number, run: () => void): void =>
    this.#context.schedule.after(millis / this.#rate, () => this.#awake(run))

  get #asker(): Asker {
    const { link, nodes, scenario: { clients: { patienceMillis } } } = this.#context
    return { nodes, link, rng: this.#rng, patienceMillis, now: this.#now, later: this.#later, awake: this.#awake }
  }
}
