/**
 * The requests this node has not answered yet: its own callers', and those that peers passed on.
 *
 * A request is settled once, by whatever tells its outcome first: this node's own state machine, or
 * the leader's answer. Until then it is sent again to each new leader, once it is certain that none
 * before has it in a log that counts.
 */
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { LockAnswer, LockQuery } from "../../lock/LockQuery.ts"
import type { LockReply } from "../../lock/LockReply.ts"
import type { Term } from "../../raft/Entry.ts"
import type { NodeId } from "../../raft/Membership.ts"
import type { RequestTrace } from "../tracing/RequestTraces.ts"

export type Ask = { readonly command: LockCommand } | { readonly query: LockQuery }

export type Failure = "no-leader" | "overloaded" | "outcome-unknown"

export type Outcome = { readonly reply: LockReply | LockAnswer } | { readonly failure: Failure }

/** Who leads in which term; a request goes to one of them at a time. */
export interface Leadership {
  readonly leader: NodeId
  readonly term: Term
}

export interface Pending {
  readonly request: string
  readonly ask: Ask
  /** The peer that passed it on; null for a caller of this node. */
  readonly origin: NodeId | null
  /** The leadership in which it is to be done, if it was passed on for one; another one has to be asked anew. */
  readonly meantFor?: Term | undefined
  /** When it came, and when it is given up, on the monotonic clock. */
  readonly sinceMillis: number
  readonly untilMillis: number
  readonly settle: (outcome: Outcome) => void
  /** If this node traces it. */
  readonly trace: RequestTrace | undefined
  /** Where it has been sent last, and when. */
  sentTo: Leadership | null
  sentAtMillis: number
  /** How many copies are out that nobody has refused. While there are any, nobody can say it did nothing. */
  copies: number
  /** The state machine has it and will settle it: a waiter in a queue. */
  queued: boolean
}

export class Requests {
  readonly #table = new Map<string, Pending>()
  readonly #listeners = new Set<() => void>()
  readonly #countMax: number
  readonly #bytesMax: number
  #bytes = 0

  constructor(options: { readonly countMax: number; readonly bytesMax: number }) {
    this.#countMax = options.countMax
    this.#bytesMax = options.bytesMax
  }

  get size(): number {
    return this.#table.size
  }

  /** False when there is no room, or when another request has that name: this one did nothing. */
  add(pending: Pending): boolean {
    const bytes = this.#bytes + bytesOf(pending)
    const isFull = this.#table.size >= this.#countMax || bytes > this.#bytesMax
    if (isFull || this.#table.has(pending.request)) return false
    this.#table.set(pending.request, pending)
    this.#bytes = bytes
    return true
  }

  get(request: string): Pending | undefined {
    return this.#table.get(request)
  }

  /** On its way its caller may have gone, or been told that nothing was done, or a new leader may have had it. */
  isToSend(pending: Pending): boolean {
    return this.#table.get(pending.request) === pending && pending.sentTo === null
  }

  /** Whether a caller of this node who came before then still hears nothing, and is in no queue. */
  owesSince(millis: number): boolean {
    for (const { origin, queued, sinceMillis } of this.#table.values()) {
      if (sinceMillis > millis) return false
      if (origin === null && !queued) return true
    }
    return false
  }

  /** The caller no longer waits. */
  forget(request: string): void {
    this.#take(request)
  }

  settle(request: string, reply: LockReply | LockAnswer): void {
    this.#take(request)?.settle({ reply })
  }

  /** The state machine has it, and some later entry will settle it. */
  queued(request: string): void {
    const pending = this.#table.get(request)
    if (pending) pending.queued = true
  }

  /** Calls back at `toldAll`. What is returned ends that. */
  onSettled(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whoever settles has settled all that there is for now. */
  toldAll(): void {
    for (const listener of this.#listeners) listener()
  }

  /** A peer did nothing with it: it may go to the next leader, or, when there was no room, back to the caller. */
  refused(request: string, reason: "not-leader" | "overloaded"): void {
    const pending = this.#table.get(request)
    if (!pending) return
    pending.copies -= 1
    if (reason === "overloaded") this.#fail(pending, pending.copies === 0 ? "overloaded" : "outcome-unknown")
  }

  /**
   * What has to go to this leader: what nobody else can have, and what it has left unanswered for long. With
   * `isDecided` this node has applied an entry of the leader's term: what an earlier leader had is either among what
   * has been applied, and settled or queued, or it will never be committed (§5.4.3).
   */
  unsent(to: Leadership, resendBefore: number, isDecided: boolean): ReadonlyArray<Pending> {
    const isUnsent = ({ ask, copies, origin, queued, sentAtMillis, sentTo }: Pending) => {
      if (origin !== null || queued) return false
      if (sentTo?.leader === to.leader && sentTo.term === to.term) return sentAtMillis < resendBefore
      return copies === 0 || isDecided || "query" in ask
    }
    return [...this.#table.values()].filter(isUnsent)
  }

  /**
   * What was decided meanwhile is not known request by request: whoever has sent something is told so, and what is not
   * sent yet goes on.
   */
  loseTrack(): void {
    for (const pending of this.#table.values()) {
      if (pending.copies > 0 || pending.queued) this.#fail(pending, "outcome-unknown")
    }
  }

  /** This node leads no more: its peers send what they passed on to the next leader themselves. Returns that. */
  dropForeign(): ReadonlyArray<Pending> {
    const foreign = [...this.#table.values()].filter(({ origin }) => origin !== null)
    for (const { request } of foreign) this.#take(request)
    return foreign
  }

  /**
   * Gives up what has waited too long: in all, or, if it came before `leaderlessBefore`, for a leader. Does it for some
   * and returns whether there may be more: to answer very many at once would stop the node meanwhile.
   */
  sweep(nowMillis: number, leaderlessBefore: number | null): boolean {
    let givenUp = 0
    for (const pending of this.#table.values()) {
      const isLeaderless = pending.origin === null && leaderlessBefore !== null &&
        pending.sinceMillis <= leaderlessBefore
      if (!isLeaderless && pending.untilMillis > nowMillis) continue
      this.#fail(pending, pending.copies === 0 && !pending.queued ? "no-leader" : "outcome-unknown")
      givenUp += 1
      if (givenUp === givenUpMax) return true
    }
    return false
  }

  #take(request: string): Pending | undefined {
    const pending = this.#table.get(request)
    if (pending === undefined) return undefined
    this.#table.delete(request)
    this.#bytes -= bytesOf(pending)
    return pending
  }

  #fail(pending: Pending, failure: Failure): void {
    this.#take(pending.request)
    pending.settle({ failure })
  }
}

/**
 * Until when a leader keeps what a peer has passed on. The asking node gives up long before: its limit of a wait is a
 * setting of its own.
 */
export const foreignUntil = (ask: Ask, nowMillis: number): number =>
  nowMillis + foreignMillisMax + ("command" in ask && ask.command._tag === "Acquire" ? ask.command.waitMillis : 0)

const foreignMillisMax = 3_600_000

/** What is long about a request: everything else in it is short, and counted by its number. */
const bytesOf = ({ ask }: Pending): number =>
  "command" in ask && ask.command._tag === "Acquire" ? ask.command.value?.length ?? 0 : 0

const givenUpMax = 256
