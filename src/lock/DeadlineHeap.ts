/**
 * A binary heap of things with a deadline, earliest first; equal deadlines come out in order of creation.
 *
 * Each item knows its slot in the heap, so that a deadline is moved or cancelled in O(log n) and nothing stale is ever
 * left behind: a session that renews a million times has one place in here. The order of items is total, which makes
 * what comes out independent of what went in when.
 */
export interface Due {
  /** `Infinity` while nothing is due. Set by the heap alone. */
  deadline: number
  /** Counts creations. No two items share one. */
  readonly order: number
  /** The place in the heap, `absent` outside of it. Set by the heap alone. */
  slot: number
}

/**
 * The first stamp that finds it over. Stamps are rounded down to whole milliseconds: between two that differ by n up to
 * one less than n has passed, and so what lasts for n has run in full when a stamp is later by more than n.
 */
export const overAt = (deadline: number): number => deadline + 1

/** The `slot` of an item that is in no heap. */
export const absent = -1

export class DeadlineHeap<T extends Due> {
  readonly #items: Array<T> = []

  /** The item that is due first. */
  get first(): T | undefined {
    return this.#items[0]
  }

  /** Gives the item this deadline, whether or not it had one. */
  schedule(item: T, deadline: number): void {
    item.deadline = deadline
    if (item.slot === absent) {
      item.slot = this.#items.length
      this.#items.push(item)
    }
    this.#settle(item)
  }

  /** Takes the item's deadline away. Without one, nothing happens. */
  cancel(item: T): void {
    item.deadline = Infinity
    if (item.slot === absent) return
    const slot = item.slot
    const last = this.#items.pop()!
    item.slot = absent
    if (last === item) return
    this.#put(last, slot)
    this.#settle(last)
  }

  #settle(item: T): void {
    this.#rise(item)
    this.#sink(item)
  }

  #rise(item: T): void {
    while (item.slot > 0) {
      const parent = this.#items[(item.slot - 1) >> 1]!
      if (!isBefore(item, parent)) return
      this.#swap(parent, item)
    }
  }

  #sink(item: T): void {
    for (;;) {
      const child = this.#earlierChild(item.slot)
      if (child === undefined || !isBefore(child, item)) return
      this.#swap(item, child)
    }
  }

  #earlierChild(slot: number): T | undefined {
    const left = this.#items[2 * slot + 1]
    const right = this.#items[2 * slot + 2]
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left
  }

  #swap(upper: T, lower: T): void {
    const slot = upper.slot
    this.#put(upper, lower.slot)
    this.#put(lower, slot)
  }

  #put(item: T, slot: number): void {
    this.#items[slot] = item
    item.slot = slot
  }
}

const isBefore = (left: Due, right: Due): boolean =>
  left.deadline < right.deadline || (left.deadline === right.deadline && left.order < right.order)
