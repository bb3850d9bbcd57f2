/**
 * What the lock state machine answers: one case for every outcome a caller can hear of, with the facts it needs.
 *
 * Times are lengths in milliseconds, counted from the replicated time of the entry that settled the request, and never
 * negative. No reply names a session: the node that received the call knows which one it was about.
 */
import { Schema } from "effect"
import { Count, FencingToken, LockMode, Millis, Owner, RequestId } from "./Identifiers.ts"

/** One present grant of a lock, as others may see it. */
export const Holder = Schema.Struct({
  label: Schema.String,
  owner: Owner,
  mode: LockMode,
  token: FencingToken,
  heldMillis: Millis,
  /** Until the session ends unless renewed, or until the hold ends if that is sooner. */
  expiresInMillis: Millis,
  /** Present if the holder asked for a `maxHoldMillis`. */
  holdEndsInMillis: Schema.optionalKey(Millis),
  value: Schema.optionalKey(Schema.String)
})
export type Holder = typeof Holder.Type

export const LockReply = Schema.TaggedUnion({
  SessionOpened: { ttlMillis: Millis, expiresInMillis: Millis },
  SessionRenewed: { ttlMillis: Millis, expiresInMillis: Millis },
  /** Also what every waiting acquire of a session hears when that session ends. */
  SessionExpired: {},
  SessionEnded: {},
  /** The grant, first or again. `expiresInMillis` is 0 when this is the outcome of a `seq` whose grant is over. */
  Granted: {
    mode: LockMode,
    owner: Owner,
    token: FencingToken,
    ttlMillis: Millis,
    expiresInMillis: Millis,
    holdEndsInMillis: Schema.optionalKey(Millis)
  },
  /** Did not wait. Lists the oldest `holdersListedMax` grants. */
  LockHeld: { holders: Schema.Array(Holder), queueLength: Count, lockDelayLeftMillis: Millis },
  WaitTimedOut: {},
  /** What the lock has, or what this (session, owner) has asked for already. */
  ModeConflict: { mode: LockMode, permits: Count },
  /** A newer attempt of the same (session, owner) took the place of this one: its outcome is the newer one's. */
  Superseded: {},
  Released: {},
  NotHolder: {},
  /** The `seq` is at or below a `seqDone`, or belongs to another request. Nothing was done. */
  RequestStale: {},
  /** The session has 4,096 outcomes that no `seqDone` covers. Nothing was done. */
  TooManyOutcomes: {},
  /** To an Abandon: whether the waiter left or the grant was freed. To the attempt, if it still waited: true. */
  Abandoned: { withdrawn: Schema.Boolean }
})
export type LockReply = typeof LockReply.Type

export type Granted = typeof LockReply.cases.Granted.Type
export type LockHeld = typeof LockReply.cases.LockHeld.Type

/** A reply and the request that it settles. */
export const Settled = Schema.Struct({ request: RequestId, reply: LockReply })
export type Settled = typeof Settled.Type

/** A refused acquire lists no more holders than this, so that polling a wide semaphore stays cheap. */
export const holdersListedMax = 100
