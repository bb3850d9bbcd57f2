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
  /** What is due at once needs no place in the heap: it waits in a line, of which so many have had their turn. */
  readonly #soon: Array<() => void> = []
  #taken = 0
  #count = 0

  after(millis: number, run: () => void): void {
    if (millis <= 0) {
      this.#soon.push(run)
      return
    }
    this.#count += 1
    this.#heap.push({ at: this.now + millis, order: this.#count, run })
    this.#up(this.#heap.length - 1)
  }

  /** Runs what is due until then, which is the time when it returns. */
  run(until: number): void {
    this.#runSoon()
    while (this.#heap.length > 0 && this.#heap[0]!.at <= until) {
      const task = this.#take()
      this.now = task.at
      task.run()
      this.#runSoon()
    }
    this.now = until
  }

  #runSoon(): void {
    const soon = this.#soon
    while (this.#taken < soon.length) {
      const run = soon[this.#taken]!
      this.#taken += 1
      run()
    }
    soon.length = 0
    this.#taken = 0
  }

  #take(): Task {
    const first = this.#heap[0]!
    const last = this.#heap.pop()!
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#down(last)
    }
    return first
  }

  #up(from: number): void {
    const heap = this.#heap
    const task = heap[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(task, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = task
  }

  #down(task: Task): void {
    const heap = this.#heap
    let at = 0
    while (true) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, task)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = task
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
