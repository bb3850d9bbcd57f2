/**
 * Two closer looks at one lock: the whole of its queue with what can be said of the wait, and who held it before.
 *
 * Times are lengths in milliseconds from the reader's `now`; wall times are Unix time by the clock of whoever led, 0
 * if nobody said. Like all reads these are copies, and name no session.
 */
import { Schema } from "effect"
import { atMost, lengthsOf, medianOf, schedule, typically } from "./Estimate.ts"
import { Count, FencingToken, LockMode, type LockName, Millis, Owner } from "./Identifiers.ts"
import type { Lock } from "./Lock.ts"
import { lockDelayLeft } from "./LockFacts.ts"
import * as LockReader from "./LockReader.ts"
import type { LockState } from "./LockState.ts"
import { LockView } from "./LockView.ts"

const Waiter = Schema.Struct({
  label: Schema.String,
  owner: Owner,
  mode: LockMode,
  waitedMillis: Millis,
  /** Until it leaves without a grant. */
  waitEndsInMillis: Millis,
  /** Until its grant; null if nothing can be said. */
  estimateMillis: Schema.NullOr(Millis)
})

export const LockExplained = Schema.Struct({
  view: LockView,
  /** In order; the first thousand. */
  queue: Schema.Array(Waiter),
  /** Of the holds that are remembered: the median, null without any, and how many there are. */
  typicalHoldMillis: Schema.NullOr(Millis),
  holdsSeen: Count,
  /** For an exclusive acquire that came now: as it typically goes, and at the longest. */
  estimateMillis: Schema.NullOr(Millis),
  atMostMillis: Schema.NullOr(Millis)
})
export type LockExplained = typeof LockExplained.Type

const PresentHold = Schema.Struct({
  token: FencingToken,
  label: Schema.String,
  owner: Owner,
  mode: LockMode,
  grantedWall: Schema.Number,
  heldMillis: Millis
})

const PastHold = Schema.Struct({
  token: FencingToken,
  label: Schema.String,
  owner: Owner,
  mode: LockMode,
  grantedWall: Schema.Number,
  endedWall: Schema.Number,
  heldMillis: Millis,
  reason: Schema.Literals(["released", "session-ended", "session-expired", "max-hold", "withdrawn", "timeout"])
})

export const LockPastAndPresent = Schema.Struct({
  /** In order of their grants; the first hundred. */
  present: Schema.Array(PresentHold),
  /** The one that ended latest first. */
  past: Schema.Array(PastHold)
})
export type LockPastAndPresent = typeof LockPastAndPresent.Type

export const explain = (state: LockState, name: LockName, now: number): LockExplained => {
  const view = LockReader.lock(state, name, now)
  const lock = state.locks.get(name)
  const lengths = lengthsOf(state.chronicle.history.of(name))
  const common = { view, typicalHoldMillis: medianOf(lengths), holdsSeen: lengths.length }
  const earliest = lockDelayLeft(state, undefined, now)
  if (lock === undefined) return { ...common, queue: [], estimateMillis: earliest, atMostMillis: earliest }
  const likely = schedule(lock, typically(lengths, now), now, earliest, queueListedMax)
  const longest = schedule(lock, atMost(now), now, earliest, queueListedMax)
  return {
    ...common,
    queue: queueOf(lock, likely.waiters, now),
    estimateMillis: known(likely.newcomer),
    atMostMillis: known(longest.newcomer)
  }
}

const queueOf = (lock: Lock, estimates: ReadonlyArray<number>, now: number) => {
  const queue: Array<typeof Waiter.Type> = []
  let claim = lock.firstWaiting
  for (; claim !== undefined && queue.length < queueListedMax; claim = claim.next) {
    queue.push({
      label: claim.session.label,
      owner: claim.owner,
      mode: claim.mode,
      waitedMillis: Math.max(0, now - claim.since),
      waitEndsInMillis: Math.max(0, claim.deadline - now),
      estimateMillis: known(estimates[queue.length])
    })
  }
  return queue
}

const known = (millis: number | undefined): number | null => millis === undefined || millis === Infinity ? null : millis

export const history = (state: LockState, name: LockName, now: number): LockPastAndPresent => {
  const present: Array<typeof PresentHold.Type> = []
  const lock = state.locks.get(name)
  let claim = lock?.first
  for (; claim !== lock?.firstWaiting && present.length < presentListedMax; claim = claim?.next) {
    if (claim?.phase !== "held") continue
    const { grantedWall, mode, owner, session: { label }, since, token } = claim
    present.push({ token: token!, label, owner, mode, grantedWall, heldMillis: Math.max(0, now - since) })
  }
  return { present, past: state.chronicle.history.of(name).toReversed() }
}

const queueListedMax = 1_000
const presentListedMax = 100
