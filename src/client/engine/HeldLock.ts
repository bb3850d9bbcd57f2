/**
 * A grant as its holder sees it: held, in jeopardy while a renewal is overdue, and lost from a moment on that comes
 * before the cluster can grant the lock to anybody else.
 *
 * Every use compares with the clock, so that a process that was stalled finds it lost at once; no timer decides that.
 */
import { Effect } from "effect"
import { LockLost, type LossReason } from "../ClientErrors.ts"
import type { ClientSession } from "./ClientSession.ts"
import { looking } from "./LookingSignal.ts"
import type { OwnedClaim } from "./OwnedClaim.ts"

/**
 * `"held"`; `"jeopardy"` while a renewal is overdue, from two thirds of the TTL on; `"lost"` from nine tenths on.
 *
 * @example
 * ```ts
 * import type { LockState } from "holdfast/promise"
 *
 * const mayBeginSomethingLong = (state: LockState): boolean => state === "held"
 * console.log(mayBeginSomethingLong("jeopardy"))
 * ```
 */
export type LockState = "held" | "jeopardy" | "lost"

export interface GrantFacts {
  readonly session: ClientSession
  readonly name: string
  readonly owner: string
  readonly token: number
  /** When its `maxHold` is nearly over, on the lease clock; `Infinity` without one. */
  readonly holdLostAt: number
  /** Of an owner that was named: others may have the same grant in hand. */
  readonly claim: OwnedClaim | null
}

export class HeldLock {
  readonly facts: GrantFacts
  #over: LossReason | null = null
  #loss: LockLost | null = null
  #signal: AbortSignal | null = null
  readonly #listeners = new Set<(lost: LockLost) => void>()
  #released: "no" | "asked" | "yes" = "no"
  /** Its own holder did it. Another handle of the same grant is lost then. */
  #isGivenBack = false
  readonly #onReleased: Array<() => void> = []

  readonly #forgetHold: () => void

  constructor(facts: GrantFacts) {
    this.facts = facts
    const { claim, holdLostAt, session } = facts
    session.grants.add(this)
    session.taken()
    claim?.add(this)
    if (holdLostAt < Infinity) session.holds.add(this)
    this.#forgetHold = holdLostAt === Infinity ? () => {} : session.options.fork(this.#watchHold)
  }

  // A timer may fire a moment too early.
  readonly #watchHold: Effect.Effect<void> = Effect.suspend(() => {
    const { holdLostAt, session } = this.facts
    const left = Math.max(1, holdLostAt - session.options.engine.now)
    const look = Effect.suspend(() => this.loss === null ? this.#watchHold : Effect.void)
    return Effect.andThen(Effect.sleep(Math.ceil(left)), look)
  })

  get name(): string {
    return this.facts.name
  }

  get state(): LockState {
    if (this.loss !== null) return "lost"
    return this.facts.session.isInJeopardy ? "jeopardy" : "held"
  }

  /** For how long it is held at least, if no renewal comes any more; 0 once it is lost. */
  get leftMillis(): number {
    if (this.loss !== null) return 0
    const { holdLostAt, session } = this.facts
    return Math.max(0, Math.min(session.lostAt, holdLostAt) - session.options.engine.nowForCertain)
  }

  /** Null while it is held. */
  get loss(): LockLost | null {
    const { holdLostAt, name, session, token } = this.facts
    if (this.#over === null && !session.isOver && session.options.engine.now >= holdLostAt) this.lose("max-hold")
    if (this.#over === null) return null
    this.#loss ??= LockLost.of(name, token, this.#over)
    return this.#loss
  }

  /** Why it is lost; null while it is held, and after its holder gave it back. */
  get unwantedLoss(): LockLost | null {
    const { loss } = this
    return this.#isGivenBack ? null : loss
  }

  /** The fencing token. Throws `LockLost` once it is lost. */
  get token(): number {
    this.assertHeld()
    return this.facts.token
  }

  look(): void {
    void this.loss
  }

  assertHeld(): void {
    const { loss } = this
    if (loss !== null) throw loss
  }

  /** Aborts when the lock is lost, with the `LockLost` as its reason; not when it is released. */
  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal()
    return this.#signal
  }

  /** Calls back when it is lost, once; at once if it is; never when it is given back. Returns what ends that. */
  onLost(listener: (lost: LockLost) => void): () => void {
    if (this.loss !== null) {
      if (this.unwantedLoss !== null) listener(this.unwantedLoss)
      return () => {}
    }
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  lose(reason: LossReason): void {
    if (this.#over !== null) return
    this.#over = reason
    this.facts.session.grants.delete(this)
    this.facts.session.holds.delete(this)
    this.facts.claim?.remove(this)
    this.#forgetHold()
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    if (this.#isGivenBack) return
    for (const listener of listeners) listener(this.loss!)
  }

  /** Gives it back; also when it seems lost, as the cluster may not know yet. Calls `done` when that is done. */
  release(done: () => void): void {
    if (this.#released === "yes") return done()
    this.#onReleased.push(done)
    if (this.#released === "no") this.#askRelease()
    return undefined
  }

  /** Nobody has got it: it goes back, unless its owner has the same grant in hand already. */
  takeBack(): void {
    if (this.facts.claim?.isHeldBeside(this) !== true) return this.release(() => {})
    this.#isGivenBack = true
    this.#released = "yes"
    this.lose("released")
    return this.#letGo()
  }

  #askRelease(): void {
    this.#released = "asked"
    const { loss } = this
    this.#isGivenBack = loss === null
    const { claim, session, token } = this.facts
    claim?.releasing(token)
    this.lose("released")
    const isGone = loss !== null && loss.reason !== "max-hold" && loss.reason !== "released"
    if (isGone || session.id === null || session.options.engine.isClosed) {
      claim?.released()
      this.#settle()
    } else this.#submitRelease(session.nextSeq(), session.options.engine.now + releaseMillisMax)
    this.#letGo()
  }

  #letGo(): void {
    this.facts.claim?.letGo()
    this.facts.session.letGo()
  }

  // The end of the session settles it as well.
  #submitRelease(seq: number, deadline: number): void {
    const { claim, name: lock, owner, session, token } = this.facts
    session.options.engine.submit({
      session,
      operation: (id) => ({ _tag: "Release", id, seq, lock, owner, token }),
      deadline,
      waits: false,
      settle: (settled) => {
        // Nobody waits any longer, and it goes on.
        if (settled._tag === "TimedOut") this.#submitRelease(seq, Infinity)
        else {
          session.seqs.done(seq)
          claim?.released()
        }
        this.#settle()
      }
    })
  }

  // Whatever the answer: it is released, or had ended before.
  #settle(): void {
    this.#released = "yes"
    for (const done of this.#onReleased.splice(0)) done()
  }

  #makeSignal(): AbortSignal {
    const controller = new AbortController()
    this.onLost((lost) => controller.abort(lost))
    return looking(controller.signal, () => void this.loss)
  }
}

/** How long whoever releases waits for the cluster to know. */
const releaseMillisMax = 5_000
