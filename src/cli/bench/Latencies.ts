/**
 * Very many measured times in little memory: counted in classes, each at most 1/64 wider than the one before it. A
 * percentile is the upper end of its class, so it is never told too small, and at most 1.6 % too large.
 */

/** Classes for each doubling. */
const steps = 64
/** From 1 µs to some 17 minutes, in doublings. */
const doublings = 30

export class Latencies {
  readonly #counts = new Uint32Array(steps * doublings)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(millis: number): void {
    const micros = Math.max(1, millis * 1000)
    const doubling = Math.min(doublings - 1, Math.floor(Math.log2(micros)))
    const step = Math.min(steps - 1, Math.floor((micros / 2 ** doubling - 1) * steps))
    const place = doubling * steps + step
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.#count++
  }

  /** By the nearest rank, in milliseconds; 0 if nothing was measured. */
  percentile(share: number): number {
    if (this.#count === 0) return 0
    let left = Math.max(1, Math.ceil(share * this.#count))
    for (const [place, count] of this.#counts.entries()) {
      left -= count
      if (left <= 0) return upperMillis(place)
    }
    throw new Error("broken invariant: the classes hold all that was counted")
  }
}

const upperMillis = (place: number): number => {
  const doubling = Math.floor(place / steps)
  return 2 ** doubling * (1 + (place % steps + 1) / steps) / 1000
}
