/**
 * What may be seen of a lock: a linearizable look shows it as it was after some entry between the last one that anybody
 * had applied when the look was asked for, and the last one when it is answered (dissertation §6.4).
 */
import type { LockView } from "../../spec/Words.ts"

/** What of a view does not change with time alone. */
export type Seen = Pick<LockView, "mode" | "permits" | "queueLength" | "lastToken"> & {
  readonly holders: ReadonlyArray<{ readonly token: number }>
}

export class Looks {
  /** How each lock was, from which entry on. */
  readonly #past = new Map<string, Array<{ readonly from: number; readonly words: string }>>()

  /** How it is after an entry. */
  note(index: number, lock: string, seen: Seen): void {
    const past = this.#past.get(lock) ?? [{ from: 0, words: wordsOf(free) }]
    this.#past.set(lock, past)
    const words = wordsOf(seen)
    if (past.at(-1)!.words !== words) past.push({ from: index, words })
  }

  /** What is wrong with it; undefined if it was so. */
  fault(lock: string, seen: Seen, from: number, to: number): string | undefined {
    const past = this.#past.get(lock) ?? [{ from: 0, words: wordsOf(free) }]
    const words = wordsOf(seen)
    const was = past.filter((one, at) => one.from <= to && (past[at + 1]?.from ?? Infinity) > from)
    if (was.some((one) => one.words === words)) return undefined
    return `a look at ${lock} shows ${words}; between the entries ${from} and ${to} it was ${
      was.map((one) => one.words).join(", then ")
    }`
  }

  /** Those of which there is anything to tell. */
  get names(): Iterable<string> {
    return this.#past.keys()
  }
}

const free: Seen = { mode: null, permits: 1, holders: [], queueLength: 0, lastToken: null }

const wordsOf = ({ holders, lastToken, mode, permits, queueLength }: Seen): string => {
  const tokens = holders.map(({ token }) => token).toSorted((a, b) => a - b).join(" ")
  return `[${mode ?? "free"}, ${permits} permits, tokens ${tokens}, ${queueLength} wait, last ${lastToken}]`
}
