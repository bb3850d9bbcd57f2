/**
 * Sessions that a client has given up and that the cluster is being told to end. Until it has, what they held is held,
 * and may refuse the client itself.
 */
export class Endings {
  #count = 0
  #waiting: Array<() => void> = []

  begun(): void {
    this.#count += 1
  }

  done(): void {
    this.#count -= 1
    if (this.#count > 0) return
    for (const goOn of this.#waiting.splice(0)) goOn()
  }

  /** Whether one is under way; then `goOn` is called when none is any more. */
  await(goOn: () => void): boolean {
    if (this.#count === 0) return false
    this.#waiting.push(goOn)
    return true
  }
}
