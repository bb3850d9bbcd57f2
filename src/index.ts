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
export { LockLost, type LossReason, Unavailable } from "./client/ClientErrors.ts"
export { type LockState } from "./client/engine/HeldLock.ts"
export { type AcquireError, type ClientOptions, CurrentLock, type Lock, LockClient } from "./client/LockClient.ts"
export { type LockOptions, type ModeOptions } from "./client/LockOptions.ts"
