/**
 * `GET /metrics`, in the text format of Prometheus.
 */
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Metrics } from "../Metrics.ts"

export const route = { method: "GET", path: "/metrics" } as const

const contentType = "text/plain; version=0.0.4; charset=utf-8"

export const layer = HttpRouter.use((router) =>
  Effect.flatMap(
    Metrics,
    ({ scrape }) =>
      router.add(route.method, route.path, Effect.map(scrape, (text) => HttpServerResponse.text(text, { contentType })))
  )
)
