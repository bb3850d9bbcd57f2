/**
 * Counts of values by size. To observe one costs a short search and three additions, and allocates nothing.
 */
export class Histogram {
  /** Upper bounds, each included, from the least on. */
  readonly bounds: ReadonlyArray<number>
  readonly #counts: Float64Array
  #count = 0
  #sum = 0

  constructor(bounds: ReadonlyArray<number>) {
    this.bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  get count(): number {
    return this.#count
  }

  get sum(): number {
    return this.#sum
  }

  observe(value: number): void {
    let at = 0
    while (at < this.bounds.length && value > this.bounds[at]!) at++
    this.#counts[at]!++
    this.#count++
    this.#sum += value
  }

  /** For each bound, how many values are at or below it. */
  cumulative(): ReadonlyArray<readonly [bound: number, count: number]> {
    let count = 0
    return this.bounds.map((bound, at) => [bound, count += this.#counts[at]!])
  }
}
