/**
 * What the node does with locks and sessions, behind HTTP and RPC alike.
 *
 * Every operation answers one of three ways: it was done; it was not done, and why; or nobody can say
 * (`OutcomeUnknown`). Input is checked by the schemas of the API before it gets here. Session ids stay `Redacted`, and
 * no error names one. An unknown session and a malformed id are the same thing.
 */
import { Context, type Effect } from "effect"
import type { Consistency, SessionId } from "../api/Fields.ts"
import type { Explanation, History } from "../api/LockInsight.ts"
import type { Acquire, Grant, LockPage, LockPageOptions, LockView, Release } from "../api/Locks.ts"
import type {
  LockHeld,
  ModeConflict,
  NotHolder,
  RequestStale,
  SessionExpired,
  Unavailable,
  Unreadable,
  WaitTimeout
} from "../api/Problems.ts"
import type { OpenSession, SessionOpened, SessionPage, SessionPageOptions, SessionRenewed } from "../api/Sessions.ts"
import type { InSession, SessionOperation, Settle } from "./cluster/Performing.ts"

export class Locks extends Context.Service<Locks, {
  readonly openSession: (request: OpenSession) => Effect.Effect<SessionOpened, Unavailable>
  readonly renewSession: (session: SessionId) => Effect.Effect<SessionRenewed, SessionExpired | Unavailable>
  /** Succeeds as well when the session is gone already. */
  readonly endSession: (session: SessionId) => Effect.Effect<void, Unavailable>
  /**
   * Interrupt it and the caller has hung up: this attempt is withdrawn, waiting or just granted. It is interruptible
   * all the time that it waits, and whoever has seen it succeed answers for the grant.
   */
  readonly acquire: (name: string, request: Acquire) => Effect.Effect<
    Grant,
    LockHeld | WaitTimeout | SessionExpired | ModeConflict | RequestStale | Unavailable
  >
  readonly release: (name: string, request: Release) => Effect.Effect<void, NotHolder | RequestStale | Unavailable>
  /**
   * Renews or ends a session, acquires or releases a lock in one, without a fiber of its own: `settle` hears the
   * outcome, once. What is returned stops the telling and withdraws nothing.
   */
  readonly perform: (operation: SessionOperation, inSession: InSession, settle: Settle) => () => void
  /**
   * Calls back whenever what has been decided by now is settled, for whoever passes outcomes on together. What is
   * returned ends that.
   */
  readonly onTold: (listener: () => void) => () => void
  /** Whether this is the token of a present holder. */
  readonly check: (name: string, token: number) => Effect.Effect<boolean, Unreadable>
  readonly get: (name: string, consistency: Consistency) => Effect.Effect<LockView, Unreadable>
  readonly explain: (name: string, consistency: Consistency) => Effect.Effect<Explanation, Unreadable>
  readonly history: (name: string, consistency: Consistency) => Effect.Effect<History, Unreadable>
  readonly list: (options: LockPageOptions) => Effect.Effect<LockPage, Unreadable>
  readonly sessions: (options: SessionPageOptions) => Effect.Effect<SessionPage, Unreadable>
  /**
   * The node stops: every request that waits is answered `NoLeader` or `OutcomeUnknown` at once, and none waits from
   * now on. A waiter in a session of its caller keeps its place in the queue, where a retry by another node finds it.
   */
  readonly drain: Effect.Effect<void>
}>()("server/Locks") {}
