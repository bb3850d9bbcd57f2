/** Numbers that look random and are the same for the same seed, on every machine. */

export class Numbers {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to below a bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  isWithin(share: number): boolean {
    return this.next() < share
  }

  oneOf<A>(all: ReadonlyArray<A>): A {
    return all[this.below(all.length)]!
  }
}
