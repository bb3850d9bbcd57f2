/**
 * What a reader can ask of the lock table, and what it is answered. Queries and answers travel between
 * nodes, so both are schemas; asking changes nothing.
 */
import { Schema } from "effect"
import { Count, FencingToken, LockName } from "./Identifiers.ts"
import { LockExplained, LockPastAndPresent } from "./LockInsight.ts"
import type { LockTable } from "./LockTable.ts"
import { LockView, SessionView } from "./LockView.ts"

export const LockQuery = Schema.TaggedUnion({
  Lock: { lock: LockName },
  Locks: { prefix: Schema.String, limit: Count, cursor: Schema.NullOr(LockName) },
  Sessions: { limit: Count, cursor: Schema.NullOr(Count) },
  /** Is this the token of a present holder? */
  Check: { lock: LockName, token: FencingToken },
  /** The lock, its queue, and what can be said of the wait. */
  Explain: { lock: LockName },
  /** Who holds the lock and who held it. */
  History: { lock: LockName }
})
export type LockQuery = typeof LockQuery.Type

export const LockAnswer = Schema.TaggedUnion({
  Lock: { view: LockView },
  Locks: { locks: Schema.Array(LockView), cursor: Schema.NullOr(LockName) },
  Sessions: { sessions: Schema.Array(SessionView), cursor: Schema.NullOr(Count) },
  Check: { valid: Schema.Boolean },
  Explain: { explained: LockExplained },
  History: { history: LockPastAndPresent }
})
export type LockAnswer = typeof LockAnswer.Type

/** Answers from the applied state, with times as of `now` on the replicated clock. */
export const answer = (table: LockTable, query: LockQuery, now: number): LockAnswer => {
  switch (query._tag) {
    case "Lock":
      return { _tag: "Lock", view: table.lock(query.lock, now) }
    case "Locks":
      return { _tag: "Locks", ...table.locks({ ...query, cursor: query.cursor ?? undefined }, now) }
    case "Sessions":
      return { _tag: "Sessions", ...table.sessions({ ...query, cursor: query.cursor ?? undefined }, now) }
    case "Check":
      return { _tag: "Check", valid: table.check(query.lock, query.token) }
    case "Explain":
      return { _tag: "Explain", explained: table.explain(query.lock, now) }
    case "History":
      return { _tag: "History", history: table.history(query.lock, now) }
  }
}
