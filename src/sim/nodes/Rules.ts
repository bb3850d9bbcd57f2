/**
 * What must hold while whole nodes run. A rule that is broken somewhere inside a node or a client, where an error would
 * be taken for the node's own, is written down here and ends the run.
 */
export class Rules {
  #broken: Error | undefined

  /** Runs a check; the first that fails counts. */
  check(rule: string, check: () => void): void {
    try {
      check()
    } catch (cause) {
      this.#broken ??= new Error(`${rule}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }
  }

  /** Something that must not happen has happened. */
  breaks(words: string): void {
    this.#broken ??= new Error(words)
  }

  /** Throws what was broken since. */
  assert(): void {
    if (this.#broken) throw this.#broken
  }
}
