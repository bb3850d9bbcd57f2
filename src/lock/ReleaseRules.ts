/**
 * The rules of giving back: a release by the client, which is remembered, and the withdrawal of an attempt by the node
 * whose client hung up, which leaves no trace (product rules "Exactly once", "Hang-up").
 *
 * Neither brings a lock-delay about, and neither frees what is not named exactly: session, token, and owner or attempt.
 */
import { Claim } from "./Claim.ts"
import type { Abandon, Release } from "./LockCommand.ts"
import type { LockState } from "./LockState.ts"
import type { Outcome, ReleaseOutcome } from "./RequestMemory.ts"
import type { Session } from "./Session.ts"

export const release = (state: LockState, command: Release): void => {
  const session = state.sessions.get(command.session)
  // With its session all of its grants ended: what is released is not held.
  if (session === undefined) return state.reply(command.request, { _tag: "NotHolder" })
  const recalled = state.recall(session, command)
  if (recalled === "Full") return state.reply(command.request, { _tag: "TooManyOutcomes" })
  if (recalled === "Stale" || (recalled !== undefined && !isOfSameRelease(recalled, command))) {
    return state.reply(command.request, { _tag: "RequestStale" })
  }
  const outcome = recalled ?? releaseIn(state, session, command)
  state.reply(command.request, { _tag: outcome.kind })
}

const releaseIn = (state: LockState, session: Session, command: Release): ReleaseOutcome => {
  const { lock, owner, seq, token } = command
  const holder = state.locks.get(lock)?.findHolder(token)
  const isTheirs = holder?.session === session && (owner === undefined || holder.owner === owner)
  const kind = isTheirs || session.memory?.hasReleased(lock, owner, token) ? "Released" : "NotHolder"
  const outcome: ReleaseOutcome = { kind, lock, owner: holder?.owner ?? owner, token }
  state.note(session, seq, outcome)
  if (isTheirs) {
    state.noteRelease(session, outcome)
    state.end(holder, "released")
  }
  return outcome
}

export const abandon = (state: LockState, command: Abandon): void => {
  const session = state.sessions.get(command.session)
  const claim = session && state.locks.get(command.lock)?.find(session, command.owner)
  const withdrawn = claim !== undefined && state.abandon(claim, command.attempt)
  state.reply(command.request, { _tag: "Abandoned", withdrawn })
}

const isOfSameRelease = (recalled: Claim | Outcome, command: Release): recalled is ReleaseOutcome => {
  if (recalled instanceof Claim) return false
  const isRelease = recalled.kind === "Released" || recalled.kind === "NotHolder"
  return isRelease && recalled.lock === command.lock && recalled.token === command.token
}
