/**
 * The package as programs of promises import it: `createClient`, what it takes and gives, and its errors. It has
 * nothing of Effect in its signatures, and carries no server.
 */
export {
  InvalidRequest,
  LockHeld,
  ModeConflict,
  NoLeader,
  OutcomeUnknown,
  Overloaded,
  SessionExpired,
  WaitTimeout
} from "./api/Problems.ts"
export { LockLost, type LossReason, NoNodeAnswers, Unavailable } from "./client/ClientErrors.ts"
export { createClient } from "./client/promise/Client.ts"
export type { Holder, Leader, LockEvent, LockInfo } from "./client/promise/Told.ts"
export type {
  Client,
  ClientOptions,
  DurationInput,
  Election,
  Held,
  Lock,
  LockMode,
  LockOptions,
  LockState,
  ModeOptions,
  Work
} from "./client/promise/Types.ts"
