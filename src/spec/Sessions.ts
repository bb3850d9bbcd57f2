/**
 * A session begins, is renewed, and is ended by its client.
 *
 * A renewal starts the TTL of a living session anew; it never shortens it and never resurrects one.
 */
import { endSession } from "./Ends.ts"
import { leaseOf } from "./Facts.ts"
import { type Session, settle, settlePlain, type State } from "./State.ts"
import type { Acquire, OfSession, OpenSession } from "./Words.ts"

export const openSession = (
  state: State,
  id: string,
  { label, ttlMillis }: { readonly ttlMillis: number; readonly label: string },
  mint: Acquire | undefined
): Session => {
  const session: Session = {
    id,
    born: ++state.births,
    ttlMillis,
    label,
    mint,
    deadline: state.time + ttlMillis,
    claims: [],
    memory: { seqDone: -1, requests: new Map(), released: [] }
  }
  state.sessions.set(id, session)
  return session
}

/** A session that lives already is left as it is: the command is a copy. */
export const open = (state: State, asked: OpenSession): void => {
  const session = state.sessions.get(asked.session) ?? openSession(state, asked.session, asked, undefined)
  settle(state, asked.request, { _tag: "SessionOpened", ...leaseOf(session, state.time) })
}

export const renew = (state: State, { request, session: id }: OfSession): void => {
  const session = state.sessions.get(id)
  if (session === undefined) return settlePlain(state, request, "SessionExpired")
  session.deadline = state.time + session.ttlMillis
  settle(state, request, { _tag: "SessionRenewed", ...leaseOf(session, state.time) })
}

/** One that is gone already is ended too: what was asked for is so. */
export const end = (state: State, { request, session: id }: OfSession): void => {
  const session = state.sessions.get(id)
  if (session !== undefined) endSession(state, session, "closed")
  settlePlain(state, request, "SessionEnded")
}
