/**
 * Who held which lock, and how that ended: the latest grants of each lock that are over, for people who ask later.
 *
 * It is part of the state, the same on every node, in every snapshot; and it decides nothing. It is bounded twice: one
 * busy lock keeps its latest few, and of all locks those go first whose last grant ended longest ago. How much is kept
 * in all is in the log, as its leader has it in its settings.
 */
import { type Created, CreationList } from "./CreationList.ts"
import type { FencingToken, LockMode, LockName, Owner } from "./Identifiers.ts"
import type { EndReason } from "./LockEvent.ts"
import { ShardedMap } from "./ShardedMap.ts"

/** A grant that is over. It never changes. */
export interface PastHold {
  readonly token: FencingToken
  readonly label: string
  readonly owner: Owner
  readonly mode: LockMode
  /** By the wall clock of whoever led, in milliseconds of Unix time; 0 if nobody said. For people alone. */
  readonly grantedWall: number
  readonly endedWall: number
  /** By the replicated clock. */
  readonly heldMillis: number
  readonly reason: EndReason
}

/** What is kept of one lock, the latest last. The list is replaced and never changed, so a snapshot may keep it. */
export class LockPast implements Created<LockPast> {
  readonly name: LockName
  readonly order = 0
  holds: ReadonlyArray<PastHold> = []
  older: LockPast | undefined = undefined
  newer: LockPast | undefined = undefined

  constructor(name: LockName) {
    this.name = name
  }
}

export class LockHistory {
  readonly #byName = new ShardedMap<LockName, LockPast>()
  /** In order of their latest ends. */
  readonly #pasts = new CreationList<LockPast>()
  #count = 0
  #max = 0

  /** How many grants are kept in all. None until an entry says how many. */
  get max(): number {
    return this.#max
  }

  of(name: LockName): ReadonlyArray<PastHold> {
    return this.#byName.get(name)?.holds ?? none
  }

  add(name: LockName, hold: PastHold): void {
    if (this.#max === 0) return
    const past = this.#byName.get(name) ?? this.#enter(name)
    this.#pasts.remove(past)
    this.#pasts.add(past)
    this.#replace(past, past.holds.slice(1 - perLockMax).concat(hold))
    this.#forget()
  }

  keep(max: number): void {
    if (max === this.#max) return
    this.#max = max
    this.#forget()
  }

  /** All of it as it is now, however it changes later: the lock whose last grant ended longest ago first. */
  contents(): Array<Pick<LockPast, "name" | "holds">> {
    const contents = []
    for (let past = this.#pasts.first; past !== undefined; past = past.newer) {
      contents.push({ name: past.name, holds: past.holds })
    }
    return contents
  }

  /** Out of a snapshot, in the order of `contents`. False if this lock was there before. */
  restore(name: LockName, holds: ReadonlyArray<PastHold>): boolean {
    if (this.#byName.get(name) !== undefined) return false
    this.#replace(this.#enter(name), holds)
    return true
  }

  #enter(name: LockName): LockPast {
    const past = new LockPast(name)
    this.#byName.add(name, past)
    this.#pasts.add(past)
    return past
  }

  #replace(past: LockPast, holds: ReadonlyArray<PastHold>): void {
    this.#count += holds.length - past.holds.length
    past.holds = holds
  }

  #forget(): void {
    for (let past = this.#pasts.first; past !== undefined && this.#count > this.#max; past = this.#pasts.first) {
      this.#pasts.remove(past)
      this.#byName.delete(past.name)
      this.#count -= past.holds.length
    }
  }
}

const none: ReadonlyArray<PastHold> = []

/** A lock that is taken a thousand times a second must not push all others out. */
export const perLockMax = 32
