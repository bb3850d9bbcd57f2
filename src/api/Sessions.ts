/**
 * Sessions over HTTP: a client's lease, kept alive by renewals.
 *
 * The id goes out once, in the answer that makes the session, and is a credential from then on. Lists show labels.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { type Fields, orElse, SessionId } from "./Fields.ts"
import { pageQuery, sessionCursor } from "./Pages.ts"
import { InvalidRequest, refusedBody, refusedChange, SessionExpired, unavailable, unreadable } from "./Problems.ts"

const makeOpenSession = (fields: Fields) =>
  Schema.Struct({ ttlMs: fields.ttlMs, label: orElse(fields.label, "") }).annotate({ identifier: "OpenSession" })
export type OpenSession = ReturnType<typeof makeOpenSession>["Type"]

export const SessionOpened = Schema.Struct({
  session: SessionId,
  ttlMs: Schema.Natural,
  expiresInMs: Schema.Natural
}).annotate({ identifier: "SessionOpened" })
export type SessionOpened = typeof SessionOpened.Type

export const SessionRenewed = Schema.Struct({
  ttlMs: Schema.Natural,
  expiresInMs: Schema.Natural
}).annotate({ identifier: "SessionRenewed" })
export type SessionRenewed = typeof SessionRenewed.Type

/** A session without its id. */
const SessionView = Schema.Struct({
  label: Schema.String,
  ttlMs: Schema.Natural,
  expiresInMs: Schema.Natural,
  holds: Schema.Natural,
  waits: Schema.Natural
}).annotate({ identifier: "SessionView" })

export const SessionPage = Schema.Struct({
  sessions: Schema.Array(SessionView),
  cursor: Schema.NullOr(sessionCursor)
}).annotate({ identifier: "SessionPage" })
export type SessionPage = typeof SessionPage.Type

const makeSessionPageOptions = (fields: Fields) => Schema.Struct(pageQuery(fields, sessionCursor))
export type SessionPageOptions = ReturnType<typeof makeSessionPageOptions>["Type"]

export const makeSessionsGroup = (fields: Fields) => {
  const params = { session: fields.session }
  return HttpApiGroup.make("sessions").add(
    HttpApiEndpoint.post("open", "/v1/sessions", {
      payload: makeOpenSession(fields),
      success: SessionOpened.pipe(HttpApiSchema.status(201)),
      error: [...unavailable, ...refusedBody]
    }).annotate(OpenApi.Summary, "Make a session"),
    HttpApiEndpoint.post("renew", "/v1/sessions/:session/renew", {
      params,
      success: SessionRenewed,
      error: [SessionExpired, ...unavailable, ...refusedChange]
    }).annotate(OpenApi.Summary, "Start the TTL of a session anew"),
    HttpApiEndpoint.delete("end", "/v1/sessions/:session", {
      params,
      success: HttpApiSchema.NoContent,
      error: [...unavailable, ...refusedChange]
    }).annotate(OpenApi.Summary, "End a session: its locks are released and its waiters leave"),
    HttpApiEndpoint.get("list", "/v1/sessions", {
      query: makeSessionPageOptions(fields),
      success: SessionPage,
      error: [...unreadable, InvalidRequest]
    }).annotate(OpenApi.Summary, "List sessions, in order of their creation")
  )
}
