/**
 * What can go wrong, as callers see it: RFC 9457 problems, which are also the errors of the services behind the API.
 *
 * A caller hears that it did not happen and why, or that the outcome is unknown; every answer that is no problem says
 * that it happened. No problem holds a session id or anything else that the caller sent.
 */
import { Effect, Schema } from "effect"
import { HttpApiError, HttpApiSchema } from "effect/http-api"
import { LockMode } from "./Fields.ts"

/** Where the page about a problem is served, and the `type` of the problem. */
export const problemPath = <const Slug extends string>(slug: Slug) => `/problems/${slug}` as const

// Why this happened, in a sentence; whoever raises the problem may say it better.
const detail = (sentence: string) => Schema.String.pipe(Schema.withConstructorDefault(Effect.succeed(sentence)))

/** One present grant of a lock, as everybody may see it. */
export const Holder = Schema.Struct({
  label: Schema.String,
  owner: Schema.String,
  mode: LockMode,
  token: Schema.Number,
  heldMs: Schema.Number,
  /** Until the session or the hold ends, whichever is sooner. */
  expiresInMs: Schema.Number,
  holdEndsInMs: Schema.optionalKey(Schema.Number),
  value: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Holder" })
export type Holder = typeof Holder.Type

export class LockHeld extends HttpApiError.Problem<LockHeld>()("LockHeld", {
  type: problemPath("lock-held"),
  status: 409,
  title: "The lock is held"
}, {
  detail: detail("Somebody holds the lock, waits for it, or held it until a moment ago, and the request did not wait."),
  holders: Schema.Array(Holder),
  queueLength: Schema.Number,
  lockDelayLeftMs: Schema.Number
}) {}

export class WaitTimeout extends HttpApiError.Problem<WaitTimeout>()("WaitTimeout", {
  type: problemPath("wait-timeout"),
  status: 409,
  title: "The wait is over"
}, {
  detail: detail("The lock was not granted within `waitMs`, and the request has left the queue.")
}) {}

export class ModeConflict extends HttpApiError.Problem<ModeConflict>()("ModeConflict", {
  type: problemPath("mode-conflict"),
  status: 409,
  title: "The lock is used in another way"
}, {
  detail: detail("The lock has another limit of permits, or this owner holds or waits for it in another mode."),
  mode: LockMode,
  permits: Schema.Number
}) {}

export class NotHolder extends HttpApiError.Problem<NotHolder>()("NotHolder", {
  type: problemPath("not-holder"),
  status: 409,
  title: "Not the holder"
}, {
  detail: detail("No present grant of this lock has this session, owner and token. Nothing was released.")
}) {}

export class RequestStale extends HttpApiError.Problem<RequestStale>()("RequestStale", {
  type: problemPath("request-stale"),
  status: 409,
  title: "The request is out of date"
}, {
  detail: detail("The session is done with this `seq`, or used it for another request. Nothing was done.")
}) {}

export class SessionExpired extends HttpApiError.Problem<SessionExpired>()("SessionExpired", {
  type: problemPath("session-expired"),
  status: 404,
  title: "The session is gone"
}, {
  detail: detail("No living session has this id. All that it held or waited for ended with it.")
}) {}

export class Overloaded extends HttpApiError.Problem<Overloaded>()("Overloaded", {
  type: problemPath("overloaded"),
  status: 429,
  title: "Too many requests"
}, {
  detail: detail("There is more to do than the limits allow. Nothing was done."),
  retryAfterMs: Schema.Natural.pipe(Schema.withConstructorDefault(Effect.succeed(1000)))
}) {}

export class NoLeader extends HttpApiError.Problem<NoLeader>()("NoLeader", {
  type: problemPath("no-leader"),
  status: 503,
  title: "No leader"
}, {
  detail: detail("The cluster has had no leader for too long. Nothing was done."),
  retryAfterMs: Schema.Natural.pipe(Schema.withConstructorDefault(Effect.succeed(1000)))
}) {}

export class OutcomeUnknown extends HttpApiError.Problem<OutcomeUnknown>()("OutcomeUnknown", {
  type: problemPath("outcome-unknown"),
  status: 504,
  title: "The outcome is unknown"
}, {
  detail: detail("The request may or may not take effect. With the same `seq` it can be sent again safely.")
}) {}

export class InvalidRequest extends HttpApiError.Problem<InvalidRequest>()("InvalidRequest", {
  type: problemPath("invalid-request"),
  status: 400,
  title: "The request is not valid"
}, {
  detail: Schema.String,
  field: Schema.String
}) {}

export class NotFound extends HttpApiError.Problem<NotFound>()("NotFound", {
  type: problemPath("not-found"),
  status: 404,
  title: "Nothing is here"
}, {
  detail: detail("This node serves nothing at this path.")
}) {}

export class MethodNotAllowed extends HttpApiError.Problem<MethodNotAllowed>()("MethodNotAllowed", {
  type: problemPath("method-not-allowed"),
  status: 405,
  title: "Not with this method"
}, {
  detail: Schema.String
}) {}

export class TooLarge extends HttpApiError.Problem<TooLarge>()("TooLarge", {
  type: problemPath("too-large"),
  status: 413,
  title: "The body is too large"
}, {
  detail: Schema.String
}) {}

export class UnsupportedMediaType extends HttpApiError.Problem<UnsupportedMediaType>()("UnsupportedMediaType", {
  type: problemPath("unsupported-media-type"),
  status: 415,
  title: "Not JSON"
}, {
  detail: detail("The body must be JSON, with `Content-Type: application/json`.")
}) {}

export class ForbiddenOrigin extends HttpApiError.Problem<ForbiddenOrigin>()("ForbiddenOrigin", {
  type: problemPath("forbidden-origin"),
  status: 403,
  title: "Not from this origin"
}, {
  detail: detail("A page of another origin may not change anything here.")
}) {}

export class InternalError extends HttpApiError.Problem<InternalError>()("InternalError", {
  type: problemPath("internal-error"),
  status: 500,
  title: "A defect of this node"
}, {
  detail: detail("The node has met a state that its authors thought impossible, and has logged it.")
}) {}

/** No answer now: nothing was done, or nobody can say. Any request that needs the cluster can meet these. */
export type Unavailable = Overloaded | NoLeader | OutcomeUnknown

// RFC 9110 §10.2.3 counts in whole seconds.
const retryAfter = (error: { readonly retryAfterMs: number }) => ({
  "retry-after": Math.ceil(error.retryAfterMs / 1000)
})

const headers = { "retry-after": Schema.Natural }

export const OverloadedResponse = Overloaded.pipe(HttpApiSchema.encodeToWithHeaders({ body: Overloaded, headers }, {
  decode: ({ body }) => body,
  encode: (body) => ({ body, headers: retryAfter(body) })
}))

export const NoLeaderResponse = NoLeader.pipe(HttpApiSchema.encodeToWithHeaders({ body: NoLeader, headers }, {
  decode: ({ body }) => body,
  encode: (body) => ({ body, headers: retryAfter(body) })
}))
