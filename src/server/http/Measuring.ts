/**
 * Counts and times requests by their method and route. A path that is none, and a method that no client uses in
 * earnest, count as `other`, so that no stranger can make the node keep a count of each.
 */
import { type Clock, Effect } from "effect"
import type { HttpServerResponse } from "effect/http"
import { answered, type Traffic } from "../metrics/Traffic.ts"

type Answer<E, R> = Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>

export const measure =
  (traffic: Traffic, method: string, route: string | undefined, clock: Clock.Clock) =>
  <E, R>(answer: Answer<E, R>): Answer<E, R> =>
    Effect.suspend(() => {
      const since = clock.currentTimeNanosUnsafe()
      traffic.httpRequestsOpen += 1
      const settle = (status: number): void => {
        traffic.httpRequestsOpen -= 1
        const seconds = Number(clock.currentTimeNanosUnsafe() - since) / 1e9
        answered(traffic, methods.has(method) ? method : "other", route ?? "other", status, seconds)
      }
      return Effect.onExit(answer, (exit) =>
        Effect.sync(() => settle(exit._tag === "Success" ? exit.value.status : hungUp)))
    })

const methods = new Set(["GET", "HEAD", "POST", "DELETE", "OPTIONS"])

/** The client has closed the connection and is not answered: nginx's number for that. */
const hungUp = 499
