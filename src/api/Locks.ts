/**
 * Locks over HTTP: acquire, release, check, and look.
 *
 * An acquire is made in a session, or brings what a session of its own needs; the two are told apart by `session`
 * alone. Whatever has a default here is present once decoded.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { type Fields, LockMode, orElse, SessionId } from "./Fields.ts"
import { Explanation, History } from "./LockInsight.ts"
import { lockCursor, pageQuery } from "./Pages.ts"
import {
  Holder,
  InvalidRequest,
  LockHeld,
  ModeConflict,
  NotHolder,
  refusedBody,
  RequestStale,
  SessionExpired,
  unavailable,
  unreadable,
  WaitTimeout
} from "./Problems.ts"

const sequenceFields = (fields: Fields) => ({
  seq: Schema.optionalKey(fields.seq),
  seqDone: Schema.optionalKey(fields.seqDone)
})

const acquireFields = (fields: Fields) => ({
  owner: orElse(fields.owner, ""),
  mode: orElse(fields.mode, "exclusive"),
  permits: orElse(fields.permits, 1),
  waitMs: orElse(fields.waitMs, 0),
  lockDelayMs: orElse(fields.lockDelayMs, 0),
  maxHoldMs: Schema.optionalKey(fields.maxHoldMs),
  value: Schema.optionalKey(fields.value),
  ...sequenceFields(fields)
})

// A semaphore of readers would be a lock that excludes nobody.
const sharedHasOnePermit = Schema.makeFilter(
  ({ mode, permits }: { readonly mode: LockMode; readonly permits: number }) =>
    mode === "exclusive" || permits === 1 ? undefined : { path: ["permits"], issue: "must be 1 for a shared lock" }
)

const ignored = Schema.optionalKey(Schema.Unknown.annotate({ description: "Ignored: the session has its own" }))

/** An acquire in a session that the caller has made. */
const makeAcquireInSession = (fields: Fields) =>
  Schema.Struct({ session: fields.session, ttlMs: ignored, label: ignored, ...acquireFields(fields) })
    .check(sharedHasOnePermit)
    .annotate({ identifier: "AcquireInSession" })

/** An acquire for which the node makes a session. */
const makeAcquireAlone = (fields: Fields) =>
  Schema.Struct({
    session: Schema.optionalKey(Schema.Never),
    ttlMs: fields.ttlMs,
    label: orElse(fields.label, ""),
    ...acquireFields(fields)
  })
    .check(sharedHasOnePermit)
    .annotate({ identifier: "AcquireAlone" })

const makeAcquire = (fields: Fields) => Schema.Union([makeAcquireInSession(fields), makeAcquireAlone(fields)])
export type AcquireInSession = ReturnType<typeof makeAcquireInSession>["Type"]
export type AcquireAlone = ReturnType<typeof makeAcquireAlone>["Type"]
export type Acquire = AcquireInSession | AcquireAlone

const makeRelease = (fields: Fields) =>
  Schema.Struct({
    session: fields.session,
    owner: Schema.optionalKey(fields.owner),
    token: fields.token,
    ...sequenceFields(fields)
  }).annotate({ identifier: "Release" })
export type Release = ReturnType<typeof makeRelease>["Type"]

export const Grant = Schema.Struct({
  name: Schema.String,
  mode: LockMode,
  session: SessionId,
  owner: Schema.String,
  token: Schema.Natural,
  ttlMs: Schema.Natural,
  expiresInMs: Schema.Natural,
  holdEndsInMs: Schema.optionalKey(Schema.Natural)
}).annotate({ identifier: "Grant" })
export type Grant = typeof Grant.Type

export const LockView = Schema.Struct({
  name: Schema.String,
  mode: Schema.NullOr(LockMode),
  permits: Schema.Natural,
  holders: Schema.Array(Holder),
  queueLength: Schema.Natural,
  lockDelayLeftMs: Schema.Natural,
  lastToken: Schema.NullOr(Schema.Natural)
}).annotate({ identifier: "Lock" })
export type LockView = typeof LockView.Type

export const LockPage = Schema.Struct({
  locks: Schema.Array(LockView),
  cursor: Schema.NullOr(lockCursor)
}).annotate({ identifier: "LockPage" })
export type LockPage = typeof LockPage.Type

const makeLockPageOptions = (fields: Fields) =>
  Schema.Struct({ prefix: Schema.optionalKey(fields.prefix), ...pageQuery(fields, lockCursor) })
export type LockPageOptions = ReturnType<typeof makeLockPageOptions>["Type"]

export const makeLocksGroup = (fields: Fields) => {
  const params = { name: fields.name }
  return HttpApiGroup.make("locks").add(
    HttpApiEndpoint.post("acquire", "/v1/locks/:name/acquire", {
      params,
      payload: makeAcquire(fields),
      success: Grant,
      error: [LockHeld, WaitTimeout, SessionExpired, ModeConflict, RequestStale, ...unavailable, ...refusedBody]
    }).annotate(OpenApi.Summary, "Acquire a lock, in a session or alone"),
    HttpApiEndpoint.post("release", "/v1/locks/:name/release", {
      params,
      payload: makeRelease(fields),
      success: Schema.Struct({ released: Schema.Literal(true) }).annotate({ identifier: "Released" }),
      error: [NotHolder, RequestStale, ...unavailable, ...refusedBody]
    }).annotate(OpenApi.Summary, "Release a lock"),
    HttpApiEndpoint.post("check", "/v1/locks/:name/check", {
      params,
      payload: Schema.Struct({ token: fields.token }).annotate({ identifier: "Check" }),
      success: Schema.Struct({ valid: Schema.Boolean }).annotate({ identifier: "Checked" }),
      error: [...unreadable, ...refusedBody]
    }).annotate(OpenApi.Summary, "Is this the token of a present holder?"),
    HttpApiEndpoint.get("get", "/v1/locks/:name", {
      params,
      query: { consistency: fields.consistency },
      success: LockView,
      error: [...unreadable, InvalidRequest]
    }).annotate(OpenApi.Summary, "Look at one lock"),
    HttpApiEndpoint.get("explain", "/v1/locks/:name/explain", {
      params,
      query: { consistency: fields.consistency },
      success: Explanation,
      error: [...unreadable, InvalidRequest]
    }).annotate(OpenApi.Summary, "Who holds a lock, who waits for it in which order, and how long that may take"),
    HttpApiEndpoint.get("history", "/v1/locks/:name/history", {
      params,
      query: { consistency: fields.consistency },
      success: History,
      error: [...unreadable, InvalidRequest]
    }).annotate(OpenApi.Summary, "Who holds a lock and who held it, the latest first"),
    HttpApiEndpoint.get("list", "/v1/locks", {
      query: makeLockPageOptions(fields),
      success: LockPage,
      error: [...unreadable, InvalidRequest]
    }).annotate(OpenApi.Summary, "List the locks that are held or waited for, in order of their names")
  )
}
