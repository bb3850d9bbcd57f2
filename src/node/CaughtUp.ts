/**
 * Whether a node that follows has applied what its leader has committed. A follower's own commit index does not say so:
 * it goes no further than what the follower has been sent, and that may be nothing yet.
 *
 * To lack something for a moment is the ordinary life of a follower under load and does not count; who has only just
 * started has yet to catch up once.
 */
import type { LogIndex, Term } from "../raft/Entry.ts"

export class CaughtUp {
  /** The latest term whose leader was heard, and how far it had committed. */
  #term = 0
  #index = 0
  /** Since when something has been lacking; null while nothing is. */
  #behindSince: number | null = -Infinity

  /** The leader of a term says how far it has committed. */
  heard(term: Term, leaderCommit: LogIndex, lastApplied: LogIndex, nowMillis: number): void {
    if (term < this.#term) return
    this.#term = term
    this.#index = leaderCommit
    if (this.#behindSince === null && leaderCommit > lastApplied) this.#behindSince = nowMillis
  }

  /** A turn is over, and so much is applied. */
  applied(lastApplied: LogIndex): void {
    if (this.#term > 0 && lastApplied >= this.#index) this.#behindSince = null
  }

  /** Under the leader of this term. */
  isSo(term: Term, nowMillis: number): boolean {
    if (term !== this.#term) return false
    return this.#behindSince === null || nowMillis - this.#behindSince < lackMillisMax
  }
}

const lackMillisMax = 1_000
