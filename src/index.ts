/**
 * The package as Effect programs import it: the client of the lock service, and its HTTP API as one value, from which
 * `HttpApiClient.make(Api, { baseUrl })` derives a client for everything else. It carries no server.
 */
export { Api } from "./api/Api.ts"
export {
  InvalidRequest,
  LockHeld,
  ModeConflict,
  NoLeader,
  NotHolder,
  OutcomeUnknown,
  Overloaded,
  SessionExpired,
  WaitTimeout
} from "./api/Problems.ts"
export {
  type AcquireError,
  type AskError,
  LockLost,
  type LossReason,
  NoNodeAnswers,
  Unavailable
} from "./client/ClientErrors.ts"
export { type ClientOptions } from "./client/ClientOptions.ts"
export { type Leader } from "./client/Election.ts"
export { type LockState } from "./client/engine/HeldLock.ts"
export { CurrentLock, type Lock } from "./client/Lock.ts"
export { type ElectionOf, LockClient } from "./client/LockClient.ts"
export { type LockEvent } from "./client/LockEvents.ts"
export { type LockOptions, type ModeOptions } from "./client/LockOptions.ts"
