/**
 * What a leader has put into its log for other nodes in its term, so that it does so once: a node sends a request again
 * when it has heard nothing for a while, and its first copy may have been done and answered meanwhile.
 *
 * Requests count up within a boot of their node, so a bit for each is enough. One that is so old that its bit is gone
 * is taken for a copy: its node learns the outcome from its own log, or that nobody knows it.
 */
export class Copies {
  readonly #windows = new Map<string, Window>()

  /** Whether this is the first time, which is noted. */
  isFirst(request: string): boolean {
    const end = request.lastIndexOf("/")
    const count = Number(request.slice(end + 1))
    if (end < 0 || !Number.isSafeInteger(count) || count < 0) return true
    return this.#windowOf(request.slice(0, end)).note(count)
  }

  /** Another term: what was proposed in an earlier one is refused by its term. */
  forget(): void {
    this.#windows.clear()
  }

  #windowOf(boot: string): Window {
    const found = this.#windows.get(boot)
    if (found) return found
    const [oldest] = this.#windows.keys()
    if (this.#windows.size >= bootsMax && oldest !== undefined) this.#windows.delete(oldest)
    const window = new Window()
    this.#windows.set(boot, window)
    return window
  }
}

/** More nodes, and starts of them within one term, than there are. Each costs 128 KiB at most. */
const bootsMax = 64

/** As many requests as a node can pass on while one of them waits: ten seconds of a hundred thousand each. */
const windowSize = 1 << 20

class Window {
  readonly #bits = new Uint32Array(windowSize / 32)
  #highest = -1

  /** False for one that has been noted, or is too old to tell. */
  note(count: number): boolean {
    if (count <= this.#highest - windowSize) return false
    this.#moveTo(count)
    const [at, bit] = [(count % windowSize) >>> 5, 1 << (count & 31)]
    const isFirst = (this.#bits[at]! & bit) === 0
    this.#bits[at]! |= bit
    return isFirst
  }

  // What the window moves over has not been noted, whatever its bits were for.
  #moveTo(count: number): void {
    if (count <= this.#highest) return
    if (count - this.#highest >= windowSize) this.#bits.fill(0)
    else {for (let next = this.#highest + 1; next <= count; next++) {
        this.#bits[(next % windowSize) >>> 5]! &= ~(1 << (next & 31))
      }}
    this.#highest = count
  }
}
