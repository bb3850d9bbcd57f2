/**
 * The calls of one client, whatever becomes of links and nodes: all that is issued in one turn goes out as one batch,
 * and each call is sent again over the next link until it is settled or its deadline has passed.
 *
 * It costs no fiber and no timer per call. Sending again is safe: acquires and releases carry a `seq`, renewals may be
 * repeated, and a session opened twice ends by its TTL.
 */
import { Queue } from "effect"
import type { Outcome, Problem } from "../../api/rpc/Conversation.ts"
import type { LeaseClock } from "../LeaseClock.ts"
import * as Call from "./Call.ts"
import type { ClientSession } from "./ClientSession.ts"

export interface EngineOptions {
  readonly clock: LeaseClock["Service"]
  /** From 0 to 1. */
  readonly random: () => number
  readonly outbox: Queue.Queue<Call.Call>
  /** Something waits, and wants `tend` to be called. */
  readonly onBusy: () => void
  /** The node says that it finds no leader. */
  readonly onNoLeader: () => void
  /** The node says where the leader is. */
  readonly onLeader: (address: string | null) => void
}

export class Engine {
  readonly options: EngineOptions
  /** Why the nodes that were tried do not answer, by their addresses: as each of them said last. */
  readonly tried = new Map<string, string>()
  /** Every call that is not settled, by the id of its latest attempt. */
  readonly #pending = new Map<number, Call.Call>()
  #lastId = 0
  #isLinked = false
  #isClosed = false
  /** Since when the node owes a word, in looks of `tend`; null while it owes none. */
  #silentLooks = 0
  /** How long it may owe one, as of the last look. */
  #patience = Infinity

  constructor(options: EngineOptions) {
    this.options = options
  }

  /** Good for when something was sent, and for what is to be done when; early, if the machine has slept. */
  get now(): number {
    return this.options.clock.atLeast()
  }

  /** For whether a lease is over. */
  get nowForCertain(): number {
    return this.options.clock.now()
  }

  /** Whether so much is unanswered that a node would soon refuse what comes on top of it. */
  get isFull(): boolean {
    return this.#pending.size >= callsMax
  }

  get isIdle(): boolean {
    return this.#pending.size === 0
  }

  /** Nothing is asked any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Of an engine that is closed nothing is asked, and nobody hears of it. */
  submit(options: Call.CallOptions): Call.Call {
    const call = Call.make(options)
    if (!this.#isClosed) this.#enqueue(call)
    return call
  }

  /** Nobody wants to hear its outcome any more. */
  drop(call: Call.Call): void {
    this.#pending.delete(call.id)
  }

  /** Sends it once more, if it is not settled: what it asks for has changed, or its session is open now. */
  again(call: Call.Call): void {
    if (this.#pending.delete(call.id)) this.#enqueue(call)
  }

  /** The session is open. */
  againFor(session: ClientSession): void {
    for (const call of this.#calls()) if (call.session === session) this.again(call)
  }

  /** A new link: all that is not settled goes out on it. */
  linked(): void {
    this.#isLinked = true
    this.#silentLooks = 0
    for (const call of this.#calls()) this.again(call)
  }

  unlinked(): void {
    this.#isLinked = false
  }

  /** Gives up all that is not settled. */
  close(): void {
    this.#isClosed = true
    for (const call of this.#calls()) if (this.#isPending(call)) this.#giveUp(call)
  }

  /** What is to be sent of what came out of the outbox: some of it may be settled, or sent again since. */
  sendable(calls: ReadonlyArray<Call.Call>): ReadonlyArray<Call.Call> {
    const sendable = new Set<Call.Call>()
    for (const call of calls) {
      const isReady = (call.session === null || call.session.id !== null) && call.mayGo?.() !== false
      if (isReady && this.#isPending(call)) sendable.add(call)
    }
    return [...sendable]
  }

  hear(outcomes: ReadonlyArray<Outcome>): void {
    this.#silentLooks = 0
    // Once for all of them: a grant that was slept over is none.
    this.options.clock.now()
    for (const outcome of outcomes) {
      if (outcome._tag === "Leader") this.options.onLeader(outcome.address)
      else this.#settle(outcome)
    }
  }

  /** The session is over, and so is all that was asked in it. */
  endCallsOf(session: ClientSession, problem: Problem): void {
    for (const call of this.#calls()) {
      if (call.session !== session || !this.#isPending(call)) continue
      this.#pending.delete(call.id)
      call.settle({ _tag: "Failed", id: call.id, problem })
    }
  }

  /**
   * Looks after what waits: gives up what is past its deadline, sends again what is due. A node that owes an answer and
   * is silent is asked whether it is there. Returns whether it should be left.
   */
  tend(): boolean {
    const now = this.now
    let leaveAfter = Infinity
    for (const call of this.#calls()) {
      if (!this.#isPending(call)) continue
      const isQueued = this.#isLinked && call.waits && call.sentAt >= 0 && call.retryAt === Infinity
      const grace = isQueued && call.outlasts?.() !== true ? graceMillis : 0
      if (call.deadline + grace <= now) this.#giveUp(call)
      else if (call.retryAt <= now || isToSendAgain(call, now)) this.again(call)
      else if (call.sentAt >= 0 && call.retryAt === Infinity) leaveAfter = Math.min(leaveAfter, patienceFor(call))
    }
    // Silence that was borne for a longer TTL says nothing to a call that has just been sent for a shorter one.
    const isShorter = leaveAfter < this.#patience
    this.#patience = leaveAfter
    if (!this.#isLinked || leaveAfter === Infinity || isShorter) this.#silentLooks = 0
    else this.#silentLooks += 1
    const silentMillis = this.#silentLooks * tendMillis
    if (silentMillis >= leaveAfter) return true
    const looksToAsk = Math.max(1, Math.round(leaveAfter / 3 / tendMillis))
    if (this.#silentLooks > 0 && this.#silentLooks % looksToAsk === 0) this.#ping()
    return false
  }

  /** As they are now. Whoever hears what became of one may drop others in the same turn: see `#isPending`. */
  #calls(): ReadonlyArray<Call.Call> {
    return [...this.#pending.values()]
  }

  #isPending(call: Call.Call): boolean {
    return this.#pending.get(call.id) === call
  }

  #ping(): void {
    this.submit({
      session: null,
      operation: (id) => ({ _tag: "Ping", id }),
      deadline: this.now + leaveMillis,
      waits: false,
      settle: () => {}
    })
  }

  #enqueue(call: Call.Call): void {
    this.#lastId += 1
    call.id = this.#lastId
    call.retryAt = Infinity
    this.#pending.set(call.id, call)
    // Without a link it is not for the outbox, which nobody would empty: the next link is given all that there is.
    if (this.#isLinked) Queue.offerUnsafe(this.options.outbox, call)
    this.options.onBusy()
  }

  #settle(outcome: Exclude<Outcome, { readonly _tag: "Leader" }>): void {
    const call = this.#pending.get(outcome.id)
    // Of an attempt that another one has replaced.
    if (call === undefined) return
    if (outcome._tag === "Failed" && isPassing(outcome.problem)) return this.#retry(call, outcome.problem)
    this.#pending.delete(call.id)
    call.settle(outcome)
  }

  #retry(call: Call.Call, problem: Passing): void {
    call.problem = problem
    const millis = "retryAfterMs" in problem && problem._tag === "Overloaded" ? problem.retryAfterMs : retryMillis
    call.retryAt = this.now + millis * (0.5 + this.options.random())
    if (problem._tag === "NoLeader") this.options.onNoLeader()
  }

  #giveUp(call: Call.Call): void {
    this.#pending.delete(call.id)
    const problem = call.problem ?? call.session?.problem ?? null
    call.settle({ _tag: "TimedOut", problem, isLinked: this.#isLinked })
  }
}

/** A node lets one connection have 131,072 unanswered. Releases and renewals need some of that at any time. */
const callsMax = 130_000

/** How often `tend` is called while anything waits. */
export const tendMillis = 50

/** How long past its deadline the answer to a wait may take; the node counts the wait from when it came. */
export const graceMillis = 1_000

/**
 * A node that owes an answer is asked twice whether it is there, and then left. It is left so early that a renewal,
 * which is sent at a third of the TTL, has about as long again with another node before the lease is lost.
 */
const patienceFor = ({ session }: Call.Call): number =>
  session === null ? leaveMillis : Math.min(leaveMillis, session.options.ttlMillis / 4)

const leaveMillis = 3_000

const retryMillis = 100

type Passing = Extract<Problem, { readonly _tag: "NoLeader" | "OutcomeUnknown" | "Overloaded" }>

const isPassing = (problem: Problem): problem is Passing =>
  problem._tag === "NoLeader" || problem._tag === "OutcomeUnknown" || problem._tag === "Overloaded"

/**
 * Whoever waits asks again now and then, and keeps the place: a node waits for an hour at the most, and Node's fetch
 * for five minutes. What does not wait is answered soon, or its answer was lost.
 */
const isToSendAgain = ({ retryAt, sentAt, waits }: Call.Call, now: number): boolean =>
  sentAt >= 0 && retryAt === Infinity && now - sentAt >= (waits ? waitAgainMillis : answerMillisMax)

/** Longer than a node takes to say that it cannot say. */
const answerMillisMax = 15_000

const waitAgainMillis = 120_000

export const waitMillisMax = 3_600_000
