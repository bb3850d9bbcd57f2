/**
 * The middleware of `NodeHttp.ts` for Effect's HTTP server.
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { type CheckEffect, type LockTokenOptions, makeAdmission } from "./Admission.ts"
import { lockTokenHeader, type Refusal } from "./LockToken.ts"

type Request = HttpServerRequest.HttpServerRequest

/**
 * For `HttpRouter.middleware`, or around a single handler: answers a request without a good token itself.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import { HttpRouter, HttpServerResponse } from "effect/http"
 * import { requireLockTokenEffect } from "holdfast/fencing"
 *
 * const NeedsToken = HttpRouter.middleware(requireLockTokenEffect({ lock: ({ url }) => `report${url}` })).layer
 * const saveReport = HttpServerResponse.json({ saved: true })
 * export const Routes = HttpRouter.add("PUT", "/report", saveReport).pipe(Layer.provide(NeedsToken))
 * ```
 */
export const requireLockTokenEffect = (options: LockTokenOptions<Request, CheckEffect>) => {
  const admit = makeAdmission(options, options.check, ({ headers, method }) => ({
    method,
    header: headers[lockTokenHeader.toLowerCase()]
  }))
  return <E, R>(
    handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R | Request> =>
    Effect.scoped(
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
        Effect.matchEffect(
          Effect.map(admit(request), () => handler),
          {
            onFailure: (refusal) => Effect.succeed(answer(refusal)),
            onSuccess: (handled) => handled
          }
        ))
    )
}

const answer = ({ status, ...words }: Refusal) =>
  HttpServerResponse.jsonUnsafe({ status, ...words }, {
    status,
    contentType: "application/problem+json",
    headers: status === 503 ? { "retry-after": "1" } : {}
  })
