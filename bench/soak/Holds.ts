/**
 * When a client certainly held what it was granted, from nothing but its own requests and answers. A cluster that
 * shortens no lease and loses no acknowledged change can contradict none of it.
 */
import type { History, Op } from "./History.ts"

/** A grant and the time for which nobody else may have the lock: `from` inclusive, `until` exclusive. */
export interface Hold {
  readonly lock: string
  readonly session: number
  readonly token: number
  readonly grant: Op
  /** The release whose answer was that it happened. */
  readonly released: Op | null
  readonly from: number
  readonly until: number
  /** How long it would have been, had it not been released. */
  readonly leaseUntil: number
}

/**
 * Until when each session certainly lived: each renewal that was acknowledged was accepted after it was sent, gave
 * the session a whole TTL from then, and shows that it had lived until then, because nothing is resurrected.
 */
export const leases = (history: History, ttlMillis: number): ReadonlyMap<number, number> => {
  const until = new Map<number, number>()
  for (const { answer, attemptAt, kind, session } of history) {
    if ((kind !== "open" && kind !== "renew") || answer !== "ok") continue
    until.set(session, Math.max(until.get(session) ?? -Infinity, attemptAt + ttlMillis))
  }
  return until
}

export const holds = (history: History, ttlMillis: number): ReadonlyArray<Hold> => {
  const lives = leases(history, ttlMillis)
  const releases = new Map(history.filter(({ kind }) => kind === "release").map((op) => [op.token, op]))
  return history.flatMap((grant) => {
    const { answer, kind, lock, session, token } = grant
    if (kind !== "acquire" || answer !== "ok" || lock === null || token === null) return []
    const release = releases.get(token)
    const leaseUntil = lives.get(session) ?? -Infinity
    const until = Math.min(leaseUntil, release?.sentAt ?? Infinity)
    const released = release?.answer === "ok" ? release : null
    return [{ lock, session, token, grant, released, from: grant.answeredAt, until, leaseUntil }]
  })
}
