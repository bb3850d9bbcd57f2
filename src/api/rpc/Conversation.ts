/**
 * How the client library talks with a node: batches of operations go one way, batches of outcomes the other, and each
 * outcome names the operation that it settles. What is decided is told at once; a wait holds nothing else up.
 *
 * Both kinds of batch travel packed (`Packed.ts`), each in a frame of its own (`Frames.ts`) on a connection that
 * carries nothing else.
 */
import { Schema } from "effect"
import { LockMode, SessionId } from "../Fields.ts"
import { LockView } from "../Locks.ts"
import {
  InvalidRequest,
  LockHeld,
  ModeConflict,
  NoLeader,
  NotHolder,
  OutcomeUnknown,
  Overloaded,
  RequestStale,
  SessionExpired,
  WaitTimeout
} from "../Problems.ts"

/** Chosen by the client: no other operation of the same conversation has it. */
const id = Schema.Natural

export const Operation = Schema.TaggedUnion({
  /** Is the node still there? Settles at once. */
  Ping: { id },
  OpenSession: { id, ttlMs: Schema.Int, label: Schema.String },
  RenewSession: { id },
  EndSession: { id },
  /** As the acquire of HTTP, in a session. */
  Acquire: {
    id,
    seq: Schema.Natural,
    lock: Schema.String,
    owner: Schema.String,
    waitMs: Schema.Int,
    mode: Schema.optionalKey(LockMode),
    permits: Schema.optionalKey(Schema.Int),
    lockDelayMs: Schema.optionalKey(Schema.Int),
    maxHoldMs: Schema.optionalKey(Schema.Int),
    value: Schema.optionalKey(Schema.String),
    /** What the node's spans hang under, if the client traces (W3C Trace Context). */
    traceparent: Schema.optionalKey(Schema.String)
  },
  Release: { id, seq: Schema.Natural, lock: Schema.String, owner: Schema.String, token: Schema.Natural },
  /** What a lock is like, linearizably. */
  Look: { id, lock: Schema.String },
  /** Is this the token of a present holder? */
  Check: { id, lock: Schema.String, token: Schema.Natural }
})
export type Operation = typeof Operation.Type
export type Acquire = typeof Operation.cases.Acquire.Type
export type Release = typeof Operation.cases.Release.Type

/** Operations of one session, in order. What opens one, or only asks, comes without. */
export const Group = Schema.Struct({
  session: Schema.optionalKey(SessionId),
  /** The client has heard the outcomes of all its `seq` up to this one. */
  seqDone: Schema.optionalKey(Schema.Natural),
  operations: Schema.Array(Operation)
})
export type Group = typeof Group.Type

/** Why an operation was not done, or that nobody knows. */
export const Problem = Schema.Union([
  InvalidRequest,
  LockHeld,
  ModeConflict,
  NoLeader,
  NotHolder,
  OutcomeUnknown,
  Overloaded,
  RequestStale,
  SessionExpired,
  WaitTimeout
])
export type Problem = typeof Problem.Type

export const Outcome = Schema.TaggedUnion({
  Pong: { id },
  SessionOpened: { id, session: SessionId },
  SessionRenewed: { id },
  SessionEnded: { id },
  /** `expiresInMs` is 0 when this is the outcome of a `seq` whose grant is over. */
  Granted: {
    id,
    token: Schema.Natural,
    expiresInMs: Schema.Natural,
    holdEndsInMs: Schema.optionalKey(Schema.Natural)
  },
  Released: { id },
  Seen: { id, lock: LockView },
  Checked: { id, valid: Schema.Boolean },
  Failed: { id, problem: Problem },
  /** Settles nothing: this is where the leader's client RPC is now, as far as the node knows. */
  Leader: { address: Schema.NullOr(Schema.String) }
})
export type Outcome = typeof Outcome.Type
