/**
 * The numbers of a session's requests: counted up, each done once its outcome is known or of no interest any more. The
 * node forgets the outcomes of all up to the first that is not.
 */
export class Seqs {
  #last = 0
  /** All up to this one are done. */
  #doneThrough = 0
  readonly #done = new Set<number>()

  next(): number {
    this.#last += 1
    return this.#last
  }

  done(seq: number): void {
    this.#done.add(seq)
    while (this.#done.delete(this.#doneThrough + 1)) this.#doneThrough += 1
  }

  get doneThrough(): number {
    return this.#doneThrough
  }

  /** How many outcomes the node may have to keep for now. */
  get window(): number {
    return this.#last - this.#doneThrough
  }
}
