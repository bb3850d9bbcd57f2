/**
 * What a session remembers of its requests, so that a copy of one is answered and not done again.
 *
 * Requests with a `seq` leave their outcome, in a few words, until a `seqDone` covers it; the last releases are
 * remembered without one. It is bounded: past `outcomesMax` requests are refused, past `releasesMax` the oldest
 * release is forgotten. What is remembered is the outcome; facts that pass, such as the time left, are told as of now.
 */
import type { Claim } from "./Claim.ts"
import type { FencingToken, LockMode, LockName, Owner } from "./Identifiers.ts"

export const outcomesMax = 4_096
export const releasesMax = 128

export type AcquireOutcome =
  | {
    readonly kind: "Granted"
    readonly lock: LockName
    readonly owner: Owner
    readonly mode: LockMode
    readonly token: FencingToken
  }
  | {
    readonly kind: "ModeConflict"
    readonly lock: LockName
    readonly owner: Owner
    readonly mode: LockMode
    readonly permits: number
  }
  | { readonly kind: "LockHeld" | "WaitTimedOut"; readonly lock: LockName; readonly owner: Owner }

export interface ReleaseOutcome {
  readonly kind: "Released" | "NotHolder"
  readonly lock: LockName
  /** Of the grant; the request need not name one. */
  readonly owner: Owner | undefined
  readonly token: FencingToken
}

export type Outcome = AcquireOutcome | ReleaseOutcome

/** Something that may be a copy: the fields of an acquire or release that say so. */
export interface Numbered {
  readonly seq?: number
  readonly seqDone?: number
}

/** The claim of a `seq` whose acquire still waits, its outcome, or why the request is not let in. */
export type Recalled = Claim | Outcome | "Stale" | "Full" | undefined

export class RequestMemory {
  /** The highest `seqDone` seen; below any legal `seq` until there is one. */
  #seqDone = -1
  readonly #outcomes = new Map<number, Claim | Outcome>()
  readonly #releases: Array<ReleaseOutcome> = []
  #releaseCount = 0

  /** The first thing that is done with a request. Takes its `seqDone` to heart, unless the request itself is stale. */
  recall({ seq, seqDone = -1 }: Numbered): Recalled {
    if (seq !== undefined && seq <= Math.max(this.#seqDone, seqDone)) return "Stale"
    if (seqDone > this.#seqDone) this.#forgetThrough(seqDone)
    if (seq === undefined) return undefined
    return this.#outcomes.get(seq) ?? (this.#outcomes.size < outcomesMax ? undefined : "Full")
  }

  /** From now on this is what the `seq` stands for: a claim while it waits, then its outcome. */
  note(seq: number, what: Claim | Outcome): void {
    if (seq > this.#seqDone) this.#outcomes.set(seq, what)
  }

  /** As if no request had come with this `seq`. */
  forget(seq: number): void {
    this.#outcomes.delete(seq)
  }

  /** Each `seq` that waits with this claim, but for the newest. */
  seqsOf({ seq, olderSeqs = [] }: Claim, newest: number | undefined): Array<number> | undefined {
    const waiting = seq === undefined ? olderSeqs : [...olderSeqs, seq]
    const others = waiting.filter((other) => other !== newest && other > this.#seqDone)
    return others.length === 0 ? undefined : others
  }

  noteRelease(release: ReleaseOutcome): void {
    this.#releases[this.#releaseCount % releasesMax] = release
    this.#releaseCount++
  }

  hasReleased(lock: LockName, owner: Owner | undefined, token: FencingToken): boolean {
    return this.#releases.some((release) =>
      release.token === token && release.lock === lock && (owner === undefined || release.owner === owner)
    )
  }

  // Seqs mostly follow each other, so stepping from the old mark to the new one finds what there is to forget; but a
  // jump must not cost more than what is remembered.
  #forgetThrough(seqDone: number): void {
    if (seqDone - this.#seqDone <= this.#outcomes.size) {
      for (let seq = this.#seqDone + 1; seq <= seqDone; seq++) this.#outcomes.delete(seq)
    } else {
      for (const seq of this.#outcomes.keys()) if (seq <= seqDone) this.#outcomes.delete(seq)
    }
    this.#seqDone = seqDone
  }

  /** All of it, for the state's canonical rendering: outcomes in order of their `seq`, the oldest release first. */
  contents() {
    const oldest = this.#releaseCount <= releasesMax ? 0 : this.#releaseCount % releasesMax
    return {
      seqDone: this.#seqDone,
      outcomes: [...this.#outcomes].toSorted(([left], [right]) => left - right),
      releases: [...this.#releases.slice(oldest), ...this.#releases.slice(0, oldest)]
    }
  }
}
