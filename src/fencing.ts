/**
 * `holdfast/fencing`: what lets the things that a lock protects refuse a holder whose lock is no longer its own.
 * [docs/fencing.md](../docs/fencing.md) says when it is needed and shows each of them at work.
 */
export type { CheckEffect, LockTokenOptions } from "./fencing/Admission.ts"
export { requireLockTokenEffect } from "./fencing/EffectHttp.ts"
export { type Fence, type FenceOptions, makeFence, StaleToken } from "./fencing/Fence.ts"
export { lockTokenHeader, parseLockToken } from "./fencing/LockToken.ts"
export { type CheckPromise, requireLockToken } from "./fencing/NodeHttp.ts"
export { postgresqlFence, postgresqlStaleToken } from "./fencing/PostgreSql.ts"
export { redisFence, redisStaleToken } from "./fencing/Redis.ts"
