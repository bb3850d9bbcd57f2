/**
 * What can go wrong, as callers see it: RFC 9457 problems, which are also the errors of the services behind the API.
 *
 * A caller hears that it did not happen and why, or that the outcome is unknown; every answer that is no problem says
 * that it happened. No problem holds a session id.
 */
import { Effect, Schema } from "effect"
import { HttpApiError, HttpApiSchema } from "effect/http-api"
import { LockMode } from "./Fields.ts"
import { problems, type Slug } from "./ProblemKinds.ts"

export { problems, type Slug } from "./ProblemKinds.ts"

const kind = <const S extends Slug>(slug: S) =>
  ({ type: `/problems/${slug}`, ...problems[slug] }) as { type: `/problems/${S}` } & (typeof problems)[S]

// Why this happened, in a sentence; whoever raises the problem may say it better.
const detail = (sentence: string) => Schema.String.pipe(Schema.withConstructorDefault(Effect.succeed(sentence)))

/** One present grant of a lock, as everybody may see it. */
export const Holder = Schema.Struct({
  label: Schema.String,
  owner: Schema.String,
  mode: LockMode,
  token: Schema.Natural,
  heldMs: Schema.Natural,
  /** Until the session or the hold ends, whichever is sooner. */
  expiresInMs: Schema.Natural,
  holdEndsInMs: Schema.optionalKey(Schema.Natural),
  value: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Holder" })
export type Holder = typeof Holder.Type

/**
 * Somebody holds the lock, waits for it, or held it until a moment ago, and whoever asked did not wait.
 * @example
 * ```ts
 * import { createClient, LockHeld } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.tryAcquire("report").catch((error: unknown) => error)
 * if (refusal instanceof LockHeld) console.log("held by", refusal.holders.map(({ label, token }) => [label, token]))
 * ```
 */
export class LockHeld extends HttpApiError.Problem<LockHeld>()("LockHeld", kind("lock-held"), {
  detail: detail("Somebody holds the lock, waits for it, or held it until a moment ago, and the request did not wait."),
  /** Those who hold it now. */
  holders: Schema.Array(Holder),
  /** How many wait for it. */
  queueLength: Schema.Natural,
  /** Milliseconds for which nobody gets it, because a holder has died. */
  lockDelayLeftMs: Schema.Natural
}) {}

/**
 * The lock was not granted within the wait, and whoever asked has left the queue.
 * @example
 * ```ts
 * import { createClient, WaitTimeout } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.acquire("report", { wait: "2 seconds" }).catch((error: unknown) => error)
 * if (refusal instanceof WaitTimeout) console.log("somebody else has had it for two seconds")
 * ```
 */
export class WaitTimeout extends HttpApiError.Problem<WaitTimeout>()("WaitTimeout", kind("wait-timeout"), {
  detail: detail("The lock was not granted within `waitMs`, and the request has left the queue.")
}) {}

/**
 * The lock is in use with another number of permits, or by this owner in another mode. `mode` and `permits` are how
 * it is used. Nothing was done.
 * @example
 * ```ts
 * import { createClient, ModeConflict } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * await client.semaphore("pool", 3)
 * const refusal: unknown = await client.semaphore("pool", 4).catch((error: unknown) => error)
 * if (refusal instanceof ModeConflict) console.log(`it is a semaphore of ${refusal.permits}`)
 * ```
 */
export class ModeConflict extends HttpApiError.Problem<ModeConflict>()("ModeConflict", kind("mode-conflict"), {
  detail: detail("The lock has another limit of permits, or this owner holds or waits for it in another mode."),
  /** How it is used. */
  mode: LockMode,
  /** How many may hold it at once. */
  permits: Schema.Natural
}) {}

/**
 * A release that frees nothing, because the lock is not held so. The client library never fails with it: what it gives
 * back may have ended before.
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { HttpApiClient } from "effect/http-api"
 * import { Api } from "holdfast"
 *
 * const program = Effect.gen(function*() {
 *   const { locks, sessions } = yield* HttpApiClient.make(Api, { baseUrl: "http://127.0.0.1:8081" })
 *   const { session } = yield* sessions.open({ payload: { ttlMs: 5000, label: "worker" } })
 *   yield* locks.release({ params: { name: "report" }, payload: { session, token: 1 } })
 * }).pipe(Effect.catchTag("NotHolder", ({ detail }) => Effect.log(detail)))
 *
 * await Effect.runPromise(program.pipe(Effect.provide(FetchHttpClient.layer)))
 * ```
 */
export class NotHolder extends HttpApiError.Problem<NotHolder>()("NotHolder", kind("not-holder"), {
  detail: detail("No present grant of this lock has this session, owner and token. Nothing was released.")
}) {}

export class RequestStale extends HttpApiError.Problem<RequestStale>()("RequestStale", kind("request-stale"), {
  detail: detail("The session is done with this `seq`, or used it for another request. Nothing was done.")
}) {}

export class ChangeInProgress
  extends HttpApiError.Problem<ChangeInProgress>()("ChangeInProgress", kind("change-in-progress"), {
    detail: detail("The cluster makes one change at a time, and another one is under way. Nothing was done.")
  })
{}

/** Why a change of the cluster would do harm, or could not be done. */
export const RefusalReason = Schema.Literals([
  "last-voter",
  "already-member",
  "address-in-use",
  "not-a-voter",
  "unreachable"
])
export type RefusalReason = typeof RefusalReason.Type

export class ChangeRefused extends HttpApiError.Problem<ChangeRefused>()("ChangeRefused", kind("change-refused"), {
  detail: Schema.String,
  reason: RefusalReason
}) {}

/**
 * The session is gone, and all that it held or waited for went with it.
 * @example
 * ```ts
 * import { createClient, SessionExpired } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.acquire("report", { wait: "2 seconds" }).catch((error: unknown) => error)
 * if (refusal instanceof SessionExpired) console.log("the session ended while it waited, and there was no time left")
 * ```
 */
export class SessionExpired extends HttpApiError.Problem<SessionExpired>()("SessionExpired", kind("session-expired"), {
  detail: detail("No living session has this id. All that it held or waited for ended with it.")
}) {}

/**
 * The nodes had more to do than their limits allow, until the deadline. Nothing was done.
 * @example
 * ```ts
 * import { createClient, Overloaded } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.tryAcquire("report").catch((error: unknown) => error)
 * if (refusal instanceof Overloaded) console.log(`too much to do; ask again in ${refusal.retryAfterMs} ms`)
 * ```
 */
export class Overloaded extends HttpApiError.Problem<Overloaded>()("Overloaded", kind("overloaded"), {
  detail: detail("There is more to do than the limits allow. Nothing was done."),
  /** Milliseconds after which it may be worth asking again. */
  retryAfterMs: Schema.Natural.pipe(Schema.withConstructorDefault(Effect.succeed(1000)))
}) {}

/**
 * The nodes that answered had no leader, until the deadline. Nothing was done.
 * @example
 * ```ts
 * import { createClient, NoLeader } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.tryAcquire("report").catch((error: unknown) => error)
 * if (refusal instanceof NoLeader) console.log(`no majority of nodes; ask again in ${refusal.retryAfterMs} ms`)
 * ```
 */
export class NoLeader extends HttpApiError.Problem<NoLeader>()("NoLeader", kind("no-leader"), {
  detail: detail("The cluster has had no leader for too long. Nothing was done."),
  /** Milliseconds after which it may be worth asking again. */
  retryAfterMs: Schema.Natural.pipe(Schema.withConstructorDefault(Effect.succeed(1000)))
}) {}

/**
 * No node could say what became of it, until the deadline. The client withdraws what may have been done.
 * @example
 * ```ts
 * import { createClient, OutcomeUnknown } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.tryAcquire("report").catch((error: unknown) => error)
 * if (refusal instanceof OutcomeUnknown) console.log("perhaps granted; the client gives it back when it hears of it")
 * ```
 */
export class OutcomeUnknown extends HttpApiError.Problem<OutcomeUnknown>()("OutcomeUnknown", kind("outcome-unknown"), {
  detail: detail("The request may or may not take effect. With the same `seq` it can be sent again safely.")
}) {}

/**
 * Something in the request is not as it must be; `field` names it, as the client calls its options. Nothing was done.
 * @example
 * ```ts
 * import { createClient, InvalidRequest } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.tryAcquire("report", { ttl: -1 }).catch((error: unknown) => error)
 * if (refusal instanceof InvalidRequest) console.log(refusal.field, refusal.detail)
 * ```
 */
export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()("InvalidRequest", kind("invalid-request"), {
  detail: Schema.String,
  /** Its name. */
  field: Schema.String
}) {}

export class NotFound extends HttpApiError.Problem<NotFound>()("NotFound", kind("not-found"), {
  detail: detail("This node serves nothing at this path. `/openapi.json` lists all paths.")
}) {}

export class MethodNotAllowed
  extends HttpApiError.Problem<MethodNotAllowed>()("MethodNotAllowed", kind("method-not-allowed"), {
    detail: Schema.String
  })
{}

export class TooLarge extends HttpApiError.Problem<TooLarge>()("TooLarge", kind("too-large"), {
  detail: Schema.String
}) {}

export class UnsupportedMediaType
  extends HttpApiError.Problem<UnsupportedMediaType>()("UnsupportedMediaType", kind("unsupported-media-type"), {
    detail: detail("The body must be JSON, with `Content-Type: application/json`.")
  })
{}

export class ForbiddenOrigin
  extends HttpApiError.Problem<ForbiddenOrigin>()("ForbiddenOrigin", kind("forbidden-origin"), {
    detail: detail("A page of another origin may not change anything here.")
  })
{}

export class SnapshotFailed extends HttpApiError.Problem<SnapshotFailed>()("SnapshotFailed", kind("snapshot-failed"), {
  detail: Schema.String
}) {}

export class InternalError extends HttpApiError.Problem<InternalError>()("InternalError", kind("internal-error"), {
  detail: detail("The node has met a state that its authors thought impossible, and has logged it.")
}) {}

const headers = { "retry-after": Schema.Natural }

// RFC 9110 §10.2.3 counts in whole seconds.
const retryAfter = (error: { readonly retryAfterMs: number }) => ({
  "retry-after": Math.ceil(error.retryAfterMs / 1000)
})

export const OverloadedAnswer = Overloaded.pipe(HttpApiSchema.encodeToWithHeaders({ body: Overloaded, headers }, {
  decode: ({ body }) => body,
  encode: (body) => ({ body, headers: retryAfter(body) })
}))

export const NoLeaderAnswer = NoLeader.pipe(HttpApiSchema.encodeToWithHeaders({ body: NoLeader, headers }, {
  decode: ({ body }) => body,
  encode: (body) => ({ body, headers: retryAfter(body) })
}))

/** A read that needs the cluster, and does not get it. */
export const unreadable = [OverloadedAnswer, NoLeaderAnswer] as const
export type Unreadable = Overloaded | NoLeader

/** A change that needs the cluster: nothing was done, or nobody can say. */
export const unavailable = [OverloadedAnswer, NoLeaderAnswer, OutcomeUnknown] as const
export type Unavailable = Unreadable | OutcomeUnknown

/** A change may come from a page of another origin, or have a query that it cannot have. */
export const refusedChange = [ForbiddenOrigin, InvalidRequest] as const

/** What a body adds: it may be too large, no JSON, or not what it must be. */
export const refusedBody = [...refusedChange, TooLarge, UnsupportedMediaType] as const
