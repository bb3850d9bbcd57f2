/**
 * Virtual time: tasks in order of when they are due, those of one moment in the order they were set.
 */
interface Task {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class Schedule {
  now = 0
  readonly #heap: Array<Task> = []
  #count = 0

  after(millis: number, run: () => void): void {
    this.#count += 1
    this.#heap.push({ at: this.now + millis, order: this.#count, run })
    this.#up(this.#heap.length - 1)
  }

  /** Runs what is due until `until`, or until `isDone`. */
  run(until: number, isDone: () => boolean = () => false): void {
    while (this.#heap.length > 0 && this.#heap[0]!.at <= until && !isDone()) {
      const task = this.#take()
      this.now = task.at
      task.run()
    }
    if (!isDone()) this.now = until
  }

  #take(): Task {
    const first = this.#heap[0]!
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#down(0)
    }
    return first
  }

  #up(from: number): void {
    let at = from
    while (at > 0 && this.#isBefore(at, (at - 1) >> 1)) at = this.#swap(at, (at - 1) >> 1)
  }

  #down(from: number): void {
    let at = from
    while (true) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child
      }
      if (least === at) return
      at = this.#swap(at, least)
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a]!, this.#heap[b]!]
    return first.at < second.at || (first.at === second.at && first.order < second.order)
  }

  #swap(a: number, b: number): number {
    const kept = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = kept
    return b
  }
}
