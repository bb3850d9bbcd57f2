/**
 * Giving back: by the client, which is remembered, and by a hang-up, which leaves no trace.
 *
 * A release frees the one grant that it names, by session, token and, if it says one, owner; with anything else it
 * frees nothing.
 */
import { free, takeBack } from "./Ends.ts"
import { hasReleased, recall, remember, rememberRelease } from "./Memory.ts"
import { claimOf, type Session, settle, settlePlain, type State } from "./State.ts"
import type { Abandon, Release } from "./Words.ts"

export const release = (state: State, asked: Release): void => {
  const session = state.sessions.get(asked.session)
  if (session === undefined) return settlePlain(state, asked.request, "NotHolder")
  const known = recall(session, asked)
  if (typeof known === "string") return settlePlain(state, asked.request, known)
  settlePlain(state, asked.request, known === undefined ? releaseIn(state, session, asked) : outcomeOf(known.outcome))
}

const releaseIn = (state: State, session: Session, asked: Release): "Released" | "NotHolder" => {
  const held = session.claims.find((claim) =>
    claim.phase === "held" && claim.lock.name === asked.lock && claim.token === asked.token &&
    (asked.owner === undefined || claim.asked.owner === asked.owner)
  )
  const outcome = held !== undefined || hasReleased(session, asked) ? "Released" : "NotHolder"
  remember(session, { asked, claim: undefined, outcome })
  if (held !== undefined) {
    rememberRelease(session, held)
    free(state, held)
  }
  return outcome
}

const outcomeOf = (outcome: unknown): "Released" | "NotHolder" => outcome === "Released" ? "Released" : "NotHolder"

export const abandon = (state: State, asked: Abandon): void => {
  const session = state.sessions.get(asked.session)
  const claim = session && claimOf(session, asked.lock, asked.owner)
  const withdrawn = claim !== undefined && takeBack(state, claim, asked.attempt)
  settle(state, asked.request, { _tag: "Abandoned", withdrawn })
}
