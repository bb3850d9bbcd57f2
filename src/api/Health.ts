/**
 * What a supervisor, a load balancer or Prometheus asks: does the node live, is it of use, and how is it?
 *
 * Alive is whoever answers. Ready is who has a leader and has caught up with it; without that, send traffic elsewhere.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { NoLeaderAnswer } from "./Problems.ts"

/** The text format of Prometheus. */
const MetricsText = Schema.String.pipe(
  HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" })
)

export const HealthGroup = HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("alive", "/healthz", {
    success: Schema.Struct({ alive: Schema.Literal(true) }).annotate({ identifier: "Alive" })
  }).annotate(OpenApi.Summary, "Does this node live?"),
  HttpApiEndpoint.get("ready", "/readyz", {
    success: Schema.Struct({ ready: Schema.Literal(true) }).annotate({ identifier: "Ready" }),
    error: NoLeaderAnswer
  }).annotate(OpenApi.Summary, "Does this node have a leader, and has it caught up?"),
  HttpApiEndpoint.get("metrics", "/metrics", { success: MetricsText })
    .annotate(OpenApi.Summary, "What this node measures, for Prometheus")
)
