/**
 * The spans of what comes in at a node's ports, by the template of the route or the name of the operation: what a
 * client puts into a path may be a session, and is in none.
 */
import { Effect, Exit } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"
import { parentOf, type Tracing } from "../../node/tracing/Tracing.ts"
import type { InSession, SessionOperation, Settle } from "../cluster/Performing.ts"

type Answer<E, R> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>

/** Around an answer of HTTP. Pages, probes and what streams for ever are not traced. */
export const aroundHttp = <E, R>(
  tracing: Tracing,
  { headers, method }: HttpServerRequest.HttpServerRequest,
  route: string | undefined,
  answer: Answer<E, R>
): Answer<E, R> => {
  if (route === undefined || !isTraced(route)) return answer
  return Effect.suspend(() => {
    const span = tracing.begin(`${method} ${route}`, {
      parent: parentOf(headers["traceparent"]),
      kind: "server",
      attributes: { "http.request.method": method, "http.route": route }
    })
    if (span === null) return answer
    const settle = (status: number, failure?: string) =>
      tracing.end(span, { "http.response.status_code": status }, failure)
    return answer.pipe(
      Effect.withParentSpan(span),
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) {
            settle(exit.value.status, exit.value.status < 500 ? undefined : `answers ${exit.value.status}`)
          } else settle(499)
        })
      )
    )
  })
}

const isTraced = (route: string): boolean => /^\/(v1|cluster)\//.test(route) && route !== "/v1/events"

type Perform = (operation: SessionOperation, inSession: InSession, settle: Settle) => () => void

/** Around the operations of conversations: those that take and give back locks, whoever traces them. */
export const aroundPerform = (tracing: Tracing, perform: Perform): Perform => (operation, inSession, settle) => {
  if (operation._tag !== "Acquire" && operation._tag !== "Release") return perform(operation, inSession, settle)
  const span = tracing.begin(`rpc ${operation._tag}`, {
    parent: parentOf(operation._tag === "Acquire" ? operation.traceparent : undefined),
    kind: "server",
    attributes: { "rpc.system": "holdfast", "rpc.method": operation._tag }
  })
  if (span === null) return perform(operation, inSession, settle)
  const forget = perform(operation, { ...inSession, parent: span }, (outcome) => {
    tracing.end(span, { "holdfast.outcome": outcome._tag === "Failed" ? outcome.problem._tag : outcome._tag })
    settle(outcome)
  })
  return () => {
    tracing.end(span, { "holdfast.outcome": "left" })
    forget()
  }
}
