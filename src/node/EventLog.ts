/**
 * The latest events of this node, in a ring: each has a position, `<log index>.<n>`, which is the same on every node.
 *
 * A reader keeps its own place and asks for what comes after it, so nothing is kept for a reader, and one that is slow
 * costs nothing. What is no longer here is said to be missing, and never passed over. Whoever adds waits for nobody.
 */
import type { LockEvent } from "../lock/LockEvent.ts"
import type { Term } from "../raft/Entry.ts"
import type { NodeId } from "../raft/Membership.ts"

export type Happening = LockEvent | {
  readonly kind: "leader"
  readonly term: Term
  /** Null on a node that learns of the term from the log, when it is over. */
  readonly leaderId: NodeId | null
}

/** The n-th event of the entry at this index, counted from 1; 0 stands before them all. */
export interface Position {
  readonly index: number
  readonly n: number
}

export interface Numbered {
  readonly position: Position
  readonly happening: Happening
}

/** A snapshot has taken the place of the entries in between, or the ring has gone round. */
export type Missing = "snapshot" | "forgotten"

export interface Read {
  readonly events: ReadonlyArray<Numbered>
  /** Why events after the place asked for are not among these. */
  readonly missing: Missing | null
  /** The place to ask for next. */
  readonly upTo: Position
}

export class EventLog {
  readonly #ring: Array<Numbered | undefined> = []
  readonly #countMax: number
  readonly #listeners = new Set<() => void>()
  /** Counts events: the oldest in the ring, and the next to come. */
  #first = 0
  #next = 0
  /** Whatever happened after this is in the ring. */
  #completeAfter: Position
  /** Where the latest snapshot has begun. */
  #jumpedTo: Position
  /** Up to which entry all is told. */
  #reached: number

  constructor(countMax: number, reached: number) {
    this.#countMax = countMax
    this.#reached = reached
    this.#jumpedTo = endOf(reached)
    this.#completeAfter = this.#jumpedTo
  }

  /** Behind all that has happened. */
  get end(): Position {
    return endOf(this.#reached)
  }

  add(index: number, happenings: ReadonlyArray<Happening>): void {
    for (let at = 0; at < happenings.length; at++) {
      if (this.#next - this.#first === this.#countMax) this.#completeAfter = this.#at(this.#first++).position
      this.#ring[this.#next++ % this.#countMax] = { position: { index, n: at + 1 }, happening: happenings[at]! }
    }
    this.#reached = index
  }

  /** A snapshot stands for all entries up to this one, and nobody knows what they brought about. */
  jump(index: number): void {
    this.#first = this.#next
    this.#reached = index
    this.#jumpedTo = endOf(index)
    this.#completeAfter = this.#jumpedTo
  }

  /** At most so many events after a place. */
  read(after: Position, countMax: number): Read {
    const { missing, place } = this.#enter(after)
    const from = this.#firstAfter(place)
    const to = Math.min(this.#next, from + countMax)
    const events = Array.from({ length: to - from }, (_, at) => this.#at(from + at))
    const isAll = to === this.#next && compare(place, this.end) < 0
    return { events, missing, upTo: isAll ? this.end : events.at(-1)?.position ?? place }
  }

  /** Calls once there is something new, or might be. Returns how to call it off. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Something may have been added. */
  wake(): void {
    if (this.#listeners.size === 0) return
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }

  #enter(after: Position): { readonly missing: Missing | null; readonly place: Position } {
    if (compare(after, this.#completeAfter) >= 0) return { missing: null, place: after }
    const isJump = this.#completeAfter === this.#jumpedTo
    return { missing: isJump ? "snapshot" : "forgotten", place: this.#completeAfter }
  }

  #firstAfter(place: Position): number {
    let low = this.#first
    let high = this.#next
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (compare(this.#at(middle).position, place) > 0) high = middle
      else low = middle + 1
    }
    return low
  }

  #at(count: number): Numbered {
    return this.#ring[count % this.#countMax]!
  }
}

export const compare = (left: Position, right: Position): number =>
  left.index === right.index ? left.n - right.n : left.index - right.index

/** Behind the events of an entry, however many it had. */
const endOf = (index: number): Position => ({ index: index + 1, n: 0 })
