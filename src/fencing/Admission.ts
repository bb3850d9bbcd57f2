/**
 * Decides whether a request may pass with the lock token that it brings, and keeps it inside the fence until it is
 * done. The middlewares for node:http and for Effect differ in how they are told and answer, and in nothing else.
 */
import { Duration, Effect, type Scope } from "effect"
import { type Fence, makeFence } from "./Fence.ts"
import { invalid, malformed, missing, parseLockToken, type Refusal, stale, unchecked } from "./LockToken.ts"

/**
 * Which requests need a token, and of which lock.
 *
 * @example
 * ```ts
 * import { type CheckPromise, type LockTokenOptions, requireLockToken } from "holdfast/fencing"
 * import type { IncomingMessage } from "node:http"
 *
 * const options: LockTokenOptions<IncomingMessage, CheckPromise> = {
 *   lock: ({ url }) => `report${url}`,
 *   methods: ["PUT"],
 *   waitMillisMax: 5_000
 * }
 * const needsToken = requireLockToken(options)
 * console.log(typeof needsToken)
 * ```
 */
export type LockTokenOptions<Request, Check> =
  & {
    /** The name of the lock that protects what this request is about. */
    readonly lock: (request: Request) => string
    /** The methods that need a token; POST, PUT, PATCH and DELETE unless you say so. */
    readonly methods?: ReadonlyArray<string>
    /** How long a request waits for those of an earlier holder that are still in progress; 30,000 unless you say so. */
    readonly waitMillisMax?: number
  }
  & ({
    /**
     * One holder at a time: the highest token seen wins. This remembers tokens for as long as the process lives; give
     * `check` as well if a holder of before must not pass after a restart.
     */
    readonly mode?: "exclusive"
    readonly check?: Check
    /** Shares the fence with others of this process; one of its own unless you give one. */
    readonly fence?: Fence
  } | {
    /** Several holders at a time, of a shared lock or a semaphore, whatever their tokens: the lock service is asked. */
    readonly mode: "shared"
    readonly check: Check
  })

/**
 * Asks the lock service whether this is the token of a present holder.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { LockClient } from "holdfast"
 * import type { CheckEffect } from "holdfast/fencing"
 *
 * const program = Effect.gen(function*() {
 *   const locks = yield* LockClient
 *   const check: CheckEffect = (lock, token) => locks.check(lock, token)
 *   yield* Effect.log(yield* check("report", 1))
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export type CheckEffect = (lock: string, token: number) => Effect.Effect<boolean, unknown>

export interface Asked {
  readonly method: string
  readonly header: string | undefined
}

const changing: ReadonlyArray<string> = ["POST", "PUT", "PATCH", "DELETE"]

/** Fails with the answer to give. What has passed is inside until the scope closes. */
export const makeAdmission = <Request>(
  options: LockTokenOptions<Request, unknown>,
  check: CheckEffect | undefined,
  look: (request: Request) => Asked
): (request: Request) => Effect.Effect<void, Refusal, Scope.Scope> => {
  const { methods = changing, waitMillisMax = 30_000 } = options
  if (options.mode === "shared" && check === undefined) throw new TypeError("mode \"shared\" needs a check")
  const fence = options.mode === "shared" ? null : options.fence ?? makeFence()
  return Effect.fnUntraced(function*(request: Request) {
    const { header, method } = look(request)
    if (!methods.includes(method)) return
    if (header === undefined) return yield* Effect.fail(missing)
    const token = parseLockToken(header)
    if (token === null) return yield* Effect.fail(malformed)
    const lock = options.lock(request)
    // First: a token that nobody was granted must not be remembered as the highest, and keep out those that were.
    if (check !== undefined) yield* ask(check, lock, token)
    if (fence === null) return
    const [waited] = yield* Effect.timed(enter(fence, lock, token, waitMillisMax))
    if (check !== undefined && Duration.toMillis(waited) >= outdatedMillis) yield* ask(check, lock, token)
  })
}

/** After so long a wait for an earlier holder the token may be no more what it was before. */
const outdatedMillis = 100

const enter = (fence: Fence, lock: string, token: number, waitMillisMax: number) =>
  fence.enter(lock, token).pipe(
    Effect.mapError(({ highest }) => stale(highest)),
    Effect.timeoutOrElse({ duration: waitMillisMax, orElse: () => Effect.fail(unfinished) })
  )

const unfinished: Refusal = {
  status: 503,
  title: "An earlier holder is not done",
  detail: "Requests of an earlier holder of the lock are still in progress. Nothing was done."
}

const ask = (check: CheckEffect, lock: string, token: number) =>
  Effect.flatMap(
    Effect.mapError(check(lock, token), () => unchecked),
    (isValid) => isValid ? Effect.void : Effect.fail(invalid)
  )
