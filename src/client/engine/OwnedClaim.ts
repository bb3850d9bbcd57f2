/**
 * What an owner that was named does with one lock in one session. The cluster knows one claim of it, so its acquires
 * are asked one after the other, and its handles share one grant: it ends for all of them when one gives it back.
 *
 * An owner that nobody named is of one acquire alone, and needs none of this.
 */
import type { LossReason } from "../ClientErrors.ts"

/** An acquire that is not decided. */
export interface Turn {
  readonly waits: boolean
  /** All that it asks for but how long it waits. */
  readonly wish: string
  readonly deadline: number
  /** For how long the node has been asked to let it wait. */
  readonly askedUntil: number
  /** The number under which it is asked. */
  seq: number
  /** It may be asked now, or is to be asked once more. */
  readonly proceed: () => void
}

interface Handle {
  readonly facts: { readonly token: number }
  readonly lose: (reason: LossReason) => void
}

export class OwnedClaim {
  readonly #onEmpty: () => void
  readonly #next = new Set<Turn>()
  readonly #handles = new Set<Handle>()
  /** The latest token that was given back: an answer that was under way may still tell of it, or of one before. */
  #givenBack = 0
  #current: Turn | null = null
  /** The cluster may have a place in the queue, or a grant, for whoever is next: nobody has withdrawn it. */
  #isPlaceKept = false
  #releases = 0
  /** Handles that nobody has let go of, lost ones included. */
  #inHand = 0

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  enter(turn: Turn): void {
    this.#next.add(turn)
    this.#proceed()
    const current = this.#current
    if (current !== null && this.wantedUntil(current) > current.askedUntil) current.proceed()
  }

  /** It is decided, and nothing of it is under way any more. */
  leave(turn: Turn): void {
    if (this.#current === turn || this.hasInherited(turn)) this.#isPlaceKept = false
    this.#end(turn)
  }

  /**
   * Nobody waits for it any more, and the place in the queue stays for the one that follows, which asks under the same
   * number: what is still on its way to the cluster says nothing new then, however late. Returns that one's own.
   */
  handOver(turn: Turn): number {
    const heir = this.#after(turn)!
    const { seq } = heir
    heir.seq = turn.seq
    this.#isPlaceKept = true
    this.#end(turn)
    return seq
  }

  #after(turn: Turn): Turn | undefined {
    const [first, second] = this.#next
    return first === turn ? second : first
  }

  #end(turn: Turn): void {
    this.#next.delete(turn)
    if (this.#current === turn) this.#current = null
    this.#proceed()
  }

  /** Whether the place in the queue of one that gave up is for this one to use or to leave, sent or not. */
  hasInherited(turn: Turn): boolean {
    const [next] = this.#next
    return this.#isPlaceKept && turn === (this.#current ?? next)
  }

  isTurnOf(turn: Turn): boolean {
    return this.#current === turn
  }

  /** Whether one that does not wait would take the place in the queue from one that does. */
  get isWaiting(): boolean {
    return this.#current?.waits === true
  }

  /** Whether the next acquire asks for the same, so that it takes the place in the queue over. */
  isFollowed(turn: Turn): boolean {
    const next = this.#after(turn)
    return turn.waits && next?.waits === true && next.wish === turn.wish
  }

  /** For how long anybody wants the place in the queue that this one has: those that follow take it over. */
  wantedUntil({ deadline, waits, wish }: Turn): number {
    let until = deadline
    for (const next of waits ? this.#next : []) {
      if (!next.waits || next.wish !== wish) break
      until = Math.max(until, next.deadline)
    }
    return until
  }

  get isHeld(): boolean {
    return this.#handles.size > 0
  }

  /** Whether the same grant is in another hand as well. */
  isHeldBeside(one: Handle): boolean {
    for (const handle of this.#handles) if (handle !== one && handle.facts.token === one.facts.token) return true
    return false
  }

  hasGivenBack(token: number): boolean {
    return token <= this.#givenBack
  }

  add(handle: Handle): void {
    this.#handles.add(handle)
    this.#inHand += 1
  }

  /** Whoever had it in hand is done with it: also of one that is lost, the release may still free the grant. */
  letGo(): void {
    this.#inHand -= 1
    this.#proceed()
  }

  remove(handle: Handle): void {
    this.#handles.delete(handle)
    this.#proceed()
  }

  /** One of its handles gives the grant back: nobody has it any more, whenever the cluster hears of it. */
  releasing(token: number): void {
    this.#releases += 1
    this.#givenBack = Math.max(this.#givenBack, token)
    for (const handle of this.#handles) if (handle.facts.token === token) handle.lose("released")
  }

  /** The cluster has heard of it. */
  released(): void {
    this.#releases -= 1
    this.#proceed()
  }

  // An acquire that overtook a release would be given the grant that is about to end.
  #proceed(): void {
    if (this.#current !== null || this.#releases > 0) return
    const [next] = this.#next
    if (next === undefined) return this.#inHand === 0 ? this.#onEmpty() : undefined
    this.#next.delete(next)
    this.#current = next
    next.proceed()
  }
}
