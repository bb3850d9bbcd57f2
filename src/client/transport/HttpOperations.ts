/**
 * Each operation of a conversation as the HTTP request that it is, and the answer as its outcome.
 */
import { Context, Effect } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { makeApi } from "../../api/Api.ts"
import type { SessionId } from "../../api/Fields.ts"
import { defaults } from "../../api/Limits.ts"
import type { Grant } from "../../api/Locks.ts"
import { InvalidRequest } from "../../api/Problems.ts"
import type { Acquire, Group, Operation, Outcome, Problem, Release } from "../../api/rpc/Conversation.ts"

// The limits of the node decide, whatever they are here.
const unlimited = Object.fromEntries(
  Object.keys(defaults).map((limit) => [limit, limit.endsWith("Min") ? 0 : Number.MAX_SAFE_INTEGER])
) as unknown as typeof defaults

const { setHeader } = HttpClientRequest

const api = makeApi({ ...unlimited, pageLengthDefault: defaults.pageLengthDefault })

/** Of one node, at its base URL. Untraced: a span would carry the URL, and a URL the id of a session. */
export const makeApiClient = (baseUrl: string) =>
  HttpApiClient.make(api, { baseUrl, transformClient: untraced }).pipe(Effect.provide(FetchHttpClient.layer))

const untraced = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.mapRequestEffect(
    HttpClient.transform(
      client,
      (response) => Effect.provideService(response, HttpClient.TracerDisabledWhen, () => true)
    ),
    (request) => Effect.map(Traceparent, (value) => value === null ? request : setHeader(request, "traceparent", value))
  )

/** What the node's spans hang under. */
const Traceparent = Context.Reference<string | null>("client/transport/Traceparent", { defaultValue: () => null })

const under = <A, E>(traceparent: string | undefined, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  traceparent === undefined ? effect : Effect.provideService(effect, Traceparent, traceparent)

export type ApiClient = Effect.Success<ReturnType<typeof makeApiClient>>

/** Fails with a problem that the node tells, or with whatever else went wrong. */
export const outcomeOf = (client: ApiClient, group: Group, operation: Operation): Effect.Effect<Outcome, unknown> => {
  const { id } = operation
  switch (operation._tag) {
    case "Ping":
      return Effect.as(client.health.alive(), { _tag: "Pong", id })
    case "OpenSession": {
      const { label, ttlMs } = operation
      return Effect.map(
        client.sessions.open({ payload: { ttlMs, label } }),
        ({ session }) => ({ _tag: "SessionOpened", id, session })
      )
    }
    case "Look":
      return Effect.map(
        client.locks.get({ params: { name: operation.lock }, query: { consistency: "linearizable" } }),
        (lock) => ({ _tag: "Seen", id, lock })
      )
    case "Check":
      return Effect.map(
        client.locks.check({ params: { name: operation.lock }, payload: { token: operation.token } }),
        ({ valid }) => ({ _tag: "Checked", id, valid })
      )
    default:
      return group.session === undefined
        ? Effect.fail(new InvalidRequest({ field: "session", detail: "`session` is missing." }))
        : inSession(client, group.session, group.seqDone, operation)
  }
}

const inSession = (
  client: ApiClient,
  session: SessionId,
  seqDone: number | undefined,
  operation: Extract<Operation, { readonly _tag: "RenewSession" | "EndSession" | "Acquire" | "Release" }>
): Effect.Effect<Outcome, unknown> => {
  const { id } = operation
  const done = seqDone === undefined ? {} : { seqDone }
  switch (operation._tag) {
    case "RenewSession":
      return Effect.as(client.sessions.renew({ params: { session } }), { _tag: "SessionRenewed", id })
    case "EndSession":
      return Effect.as(client.sessions.end({ params: { session } }), { _tag: "SessionEnded", id })
    case "Acquire":
      return acquire(client, session, done, operation)
    case "Release":
      return release(client, session, done, operation)
  }
}

interface Done {
  readonly seqDone?: number
}

const acquire = (client: ApiClient, session: SessionId, done: Done, operation: Acquire) => {
  const { _tag, id, lock: name, lockDelayMs = 0, mode = "exclusive", permits = 1, traceparent, ...rest } = operation
  const payload = { session, lockDelayMs, mode, permits, ...rest, ...done }
  return Effect.map(under(traceparent, acquireWithin(client, name, payload)), (granted): Outcome => {
    const { expiresInMs, holdEndsInMs, token } = granted
    return { _tag: "Granted", id, token, expiresInMs, ...(holdEndsInMs === undefined ? undefined : { holdEndsInMs }) }
  })
}

type AcquirePayload = Parameters<ApiClient["locks"]["acquire"]>[0]["payload"]

/** A node may let nobody wait for so long: it is asked to wait for as long as it lets, and again when that is over. */
export const acquireWithin = (
  client: ApiClient,
  name: string,
  payload: AcquirePayload
): Effect.Effect<Grant, unknown> =>
  Effect.catchIf(
    client.locks.acquire({ params: { name }, payload }) as Effect.Effect<Grant, unknown>,
    (error) => isOfWait(error) && Number(payload.waitMs) > 1,
    () => acquireWithin(client, name, { ...payload, waitMs: Math.floor(Number(payload.waitMs) / 2) })
  )

const isOfWait = (error: unknown): boolean => {
  const problem = problemOf(error)
  return problem?._tag === "InvalidRequest" && problem.field === "waitMs"
}

const release = (client: ApiClient, session: SessionId, done: Done, operation: Release) => {
  const { id, lock: name, owner, seq, token } = operation
  const payload = { session, owner, seq, token, ...done }
  return Effect.as(client.locks.release({ params: { name }, payload }), { _tag: "Released", id } as const)
}

const problems = new Set([
  "InvalidRequest",
  "LockHeld",
  "ModeConflict",
  "NoLeader",
  "NotHolder",
  "OutcomeUnknown",
  "Overloaded",
  "RequestStale",
  "SessionExpired",
  "WaitTimeout"
])

/** What the node says is wrong; null if it has said nothing that this release understands. */
export const problemOf = (error: unknown): Problem | null => {
  if (!(error instanceof Error) || !("_tag" in error)) return null
  if (problems.has(String(error._tag))) return error as Problem
  // A node of another release, or something between here and the node, that answers in words of its own.
  if (isRefusal(error)) return new InvalidRequest({ field: "request", detail: "The server refuses it as a request." })
  // Refused as a request: too large, or from where it may not come.
  if ("type" in error && "status" in error && "detail" in error && Number(error.status) < 500) {
    return new InvalidRequest({ field: "body", detail: String(error.detail) })
  }
  return null
}

const isRefusal = (error: object): boolean => {
  if (!HttpClientError.isHttpClientError(error)) return false
  const status = error.response?.status ?? 500
  return status >= 400 && status < 500 && !notNow.has(status)
}

/** The request took too long to come, came too early, or is one of too many: it may be asked again. */
const notNow = new Set([408, 425, 429])
