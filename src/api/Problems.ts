/**
 * What can go wrong, as callers see it: RFC 9457 problems, which are also the errors of the services behind the API.
 *
 * A caller hears that it did not happen and why, or that the outcome is unknown; every answer that is no problem says
 * that it happened. No problem holds a session id.
 */
import { Effect, Schema } from "effect"
import { HttpApiError, HttpApiSchema } from "effect/http-api"
import { LockMode } from "./Fields.ts"

/** Every problem: the slug of its `type`, its HTTP status, and its title. */
export const problems = {
  "lock-held": { status: 409, title: "The lock is held" },
  "wait-timeout": { status: 409, title: "The wait is over" },
  "mode-conflict": { status: 409, title: "The lock is used in another way" },
  "not-holder": { status: 409, title: "Not the holder" },
  "request-stale": { status: 409, title: "The request is out of date" },
  "change-in-progress": { status: 409, title: "The cluster is changing" },
  "change-refused": { status: 409, title: "The cluster cannot be changed so" },
  "session-expired": { status: 404, title: "The session is gone" },
  "overloaded": { status: 429, title: "Too many requests" },
  "no-leader": { status: 503, title: "No leader" },
  "outcome-unknown": { status: 504, title: "The outcome is unknown" },
  "invalid-request": { status: 400, title: "The request is not valid" },
  "not-found": { status: 404, title: "Nothing is here" },
  "method-not-allowed": { status: 405, title: "Not with this method" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "Not JSON" },
  "forbidden-origin": { status: 403, title: "Not from this origin" },
  "snapshot-failed": { status: 500, title: "No snapshot" },
  "internal-error": { status: 500, title: "A defect of this node" }
} as const

export type Slug = keyof typeof problems

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

export class LockHeld extends HttpApiError.Problem<LockHeld>()("LockHeld", kind("lock-held"), {
  detail: detail("Somebody holds the lock, waits for it, or held it until a moment ago, and the request did not wait."),
  holders: Schema.Array(Holder),
  queueLength: Schema.Natural,
  lockDelayLeftMs: Schema.Natural
}) {}

export class WaitTimeout extends HttpApiError.Problem<WaitTimeout>()("WaitTimeout", kind("wait-timeout"), {
  detail: detail("The lock was not granted within `waitMs`, and the request has left the queue.")
}) {}

export class ModeConflict extends HttpApiError.Problem<ModeConflict>()("ModeConflict", kind("mode-conflict"), {
  detail: detail("The lock has another limit of permits, or this owner holds or waits for it in another mode."),
  mode: LockMode,
  permits: Schema.Natural
}) {}

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

export class SessionExpired extends HttpApiError.Problem<SessionExpired>()("SessionExpired", kind("session-expired"), {
  detail: detail("No living session has this id. All that it held or waited for ended with it.")
}) {}

export class Overloaded extends HttpApiError.Problem<Overloaded>()("Overloaded", kind("overloaded"), {
  detail: detail("There is more to do than the limits allow. Nothing was done."),
  retryAfterMs: Schema.Natural.pipe(Schema.withConstructorDefault(Effect.succeed(1000)))
}) {}

export class NoLeader extends HttpApiError.Problem<NoLeader>()("NoLeader", kind("no-leader"), {
  detail: detail("The cluster has had no leader for too long. Nothing was done."),
  retryAfterMs: Schema.Natural.pipe(Schema.withConstructorDefault(Effect.succeed(1000)))
}) {}

export class OutcomeUnknown extends HttpApiError.Problem<OutcomeUnknown>()("OutcomeUnknown", kind("outcome-unknown"), {
  detail: detail("The request may or may not take effect. With the same `seq` it can be sent again safely.")
}) {}

export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()("InvalidRequest", kind("invalid-request"), {
  detail: Schema.String,
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
