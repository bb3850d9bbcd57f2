/**
 * How long whoever waits for a lock will have to wait, as far as anybody can say.
 *
 * Nobody can say when a holder will be done. So the estimate supposes that each holds the lock for as long as the
 * holders before it typically did, and there is none where they are no guide. What is certain is another thing: the
 * wait at the longest, and that is known only where every holder has a `maxHold`.
 */
import type { Claim } from "./Claim.ts"
import { overAt } from "./DeadlineHeap.ts"
import type { LockMode } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import type { PastHold } from "./LockHistory.ts"

/** The lengths of the holds that are remembered, shortest first. Nobody meant to hold what was withdrawn. */
export const lengthsOf = (past: ReadonlyArray<PastHold>): ReadonlyArray<number> =>
  past.filter(({ reason }) => reason !== "withdrawn").map(({ heldMillis }) => heldMillis).toSorted(byLess)

/** Null when there are none. */
export const medianOf = (lengths: ReadonlyArray<number>): number | null => lengths[lengths.length >> 1] ?? null

/** How long a grant of this claim lasts, or will last, from now on or from its grant. Infinity if nobody knows. */
type HoldOf = (claim: Claim) => number

/**
 * As long as the median of those before it; and of who holds it already, as the median of those that were held for
 * longer than that. Of one that has been held longer than any before nothing can be said.
 */
export const typically = (lengths: ReadonlyArray<number>, now: number): HoldOf => (claim) => {
  if (claim.phase === "delayed") return left(claim.deadline, now)
  const held = claim.phase === "held" ? now - claim.since : 0
  const usual = medianOf(claim.phase === "held" ? lengths.filter((length) => length > held) : lengths)
  if (usual === null) return Infinity
  const end = claim.phase === "held" ? left(claim.deadline, now) : claim.maxHoldMillis ?? Infinity
  return Math.max(0, Math.min(usual - held, end))
}

/** Until the stamp that ends it. */
const left = (deadline: number, now: number): number => Math.max(0, overAt(deadline) - now)

/** Each as long as it may, and its lock-delay after it. Infinity where a hold has no end of its own. */
export const atMost = (now: number): HoldOf => (claim) => {
  if (claim.phase === "delayed") return left(claim.deadline, now)
  const hold = claim.phase === "held" ? left(claim.deadline, now) : overAt(claim.maxHoldMillis ?? Infinity)
  return claim.lockDelayMillis === 0 ? hold : hold + overAt(claim.lockDelayMillis)
}

/** When each waiter is granted the lock, counted from now, and when one would be that came now. */
export interface Schedule {
  readonly waiters: ReadonlyArray<number>
  readonly newcomer: number
}

/**
 * Plays the queue through: nobody passes, and a waiter that is not granted before its wait ends leaves. `earliest` is
 * when anything can be granted at all.
 */
export const schedule = (lock: Lock, holdOf: HoldOf, now: number, earliest: number, countMax: number): Schedule => {
  const ends: Array<number> = []
  for (let claim = lock.first; claim !== lock.firstWaiting; claim = claim!.next) ends.push(holdOf(claim!))
  const play = new Play(lock, ends.toSorted(byLess), earliest)
  const waiters: Array<number> = []
  let claim = lock.firstWaiting
  for (; claim !== undefined && waiters.length < countMax; claim = claim.next) {
    const start = play.startOf(claim.mode)
    const stays = start <= Math.max(0, claim.deadline - now)
    waiters.push(start)
    if (stays) play.grant(claim, start, holdOf(claim))
  }
  return { waiters, newcomer: claim === undefined ? play.startOf("exclusive") : Infinity }
}

class Play {
  readonly #permits: number
  #time: number
  #mode: LockMode | undefined
  /** When those that hold it are done, the soonest first. */
  #ends: Array<number>

  constructor({ mode, permits }: Lock, ends: Array<number>, earliest: number) {
    this.#ends = ends
    this.#permits = permits
    this.#mode = mode
    this.#time = earliest
  }

  startOf(mode: LockMode): number {
    if (this.#ends.length === 0) return this.#time
    if (mode !== this.#mode) return Math.max(this.#time, this.#ends.at(-1)!)
    const excess = mode === "shared" ? -1 : this.#ends.length - this.#permits
    return excess < 0 ? this.#time : Math.max(this.#time, this.#ends[excess]!)
  }

  grant({ mode }: Claim, start: number, millis: number): void {
    this.#time = start
    this.#ends = this.#ends.filter((end) => end > start)
    this.#mode = mode
    insert(this.#ends, start + millis)
  }
}

const insert = (sorted: Array<number>, value: number): void => {
  const at = sorted.findIndex((other) => other > value)
  if (at === -1) sorted.push(value)
  else sorted.splice(at, 0, value)
}

// The difference of two infinities is none.
const byLess = (left: number, right: number): number => left < right ? -1 : Number(left > right)
