/**
 * Stands around all routes: what comes in is made readable, foreign origins are turned away, and what no route
 * answers is answered with a problem.
 *
 * A request that is cut short because the node stops is told that its outcome is unknown. One whose client has hung
 * up is not answered at all.
 */
import { Cause, Clock, Effect, Option, type Types } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { ForbiddenOrigin, InternalError, MethodNotAllowed, NotFound, OutcomeUnknown } from "../../api/Problems.ts"
import { Tracing } from "../../node/tracing/Tracing.ts"
import { Traffic } from "../metrics/Traffic.ts"
import { aroundHttp } from "../tracing/ServerSpans.ts"
import { measure } from "./Measuring.ts"
import { isForeign, OwnOrigins } from "./Origin.ts"
import type { Paths } from "./Paths.ts"
import { readable } from "./RequestTarget.ts"

export const layer = (paths: Paths) =>
  HttpRouter.middleware(
    Effect.gen(function*() {
      const ownOrigins = yield* OwnOrigins
      const traffic = yield* Traffic
      const clock = yield* Clock.Clock
      const tracing = yield* Tracing
      return (route) =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
          const url = readable(request.url)
          const path = paths(url)
          const measured = measure(traffic, request.method, path?.path, clock)
          if (isForeign(request, ownOrigins)) return measured(HttpServerRespondable.toResponse(new ForbiddenOrigin()))
          const routed = url === request.url
            ? route
            : Effect.provideService(route, HttpServerRequest.HttpServerRequest, request.modify({ url }))
          const answered = Effect.catchCause(routed, (cause) => answer(cause, path?.methods, request.method, url))
          return measured(tracing === null ? answered : aroundHttp(tracing, request, path?.path, answered))
        }).pipe(Effect.map(HttpServerResponse.setHeaders(headers)))
    }),
    { global: true }
  )

// Answers hold session ids and change from one moment to the next.
const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" }

const answer = (
  cause: Cause.Cause<Types.unhandled>,
  methods: ReadonlyArray<string> | undefined,
  method: string,
  url: string
): Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled> => {
  if (Option.exists(Cause.findErrorOption(cause), isNotRouted)) return unrouted(methods, method, url)
  if (!Cause.hasInterruptsOnly(cause)) return failInternally(cause)
  return isHangUp(cause) ? Effect.failCause(cause) : HttpServerRespondable.toResponse(stopped)
}

const isNotRouted = (error: unknown): boolean =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

const isHangUp = (cause: Cause.Cause<unknown>): boolean =>
  cause.reasons.some(({ annotations }) => annotations.has(HttpServerError.ClientAbort.key))

const stopped = new OutcomeUnknown({
  detail: "This node is stopping. The request may or may not take effect; with the same `seq` another node answers it."
})

const unrouted = (methods: ReadonlyArray<string> | undefined, method: string, url: string) => {
  if (methods === undefined) return HttpServerRespondable.toResponse(new NotFound())
  const allow = methods.join(", ")
  const response = method === "OPTIONS"
    ? Effect.succeed(HttpServerResponse.empty())
    : HttpServerRespondable.toResponse(new MethodNotAllowed({ detail: `This path answers to ${allow}. ${hint(url)}` }))
  return Effect.map(response, HttpServerResponse.setHeader("allow", allow))
}

// To free a lock by DELETE is what most people try first.
const hint = (url: string): string =>
  /^\/v1\/locks\/[^/?]+(\?|$)/.test(url)
    ? "A lock is taken with a POST to its `/acquire`, and given back with one to its `/release`."
    : "`/openapi.json` lists all paths."

const failInternally = (cause: Cause.Cause<unknown>) =>
  Effect.andThen(
    Effect.logError("A defect outside of every endpoint", cause),
    HttpServerRespondable.toResponse(new InternalError())
  )
