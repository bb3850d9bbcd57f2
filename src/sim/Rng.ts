/**
 * A small seeded generator (mulberry32). Each part of a simulation forks its own, so that one more draw
 * in one part does not change what the others draw.
 */
export class Rng {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to just below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<A>(from: ReadonlyArray<A>): A {
    const picked = from[this.between(0, from.length - 1)]
    if (picked === undefined) throw new Error("nothing to pick from")
    return picked
  }

  fork(): Rng {
    return new Rng(this.between(0, 4294967295))
  }
}
