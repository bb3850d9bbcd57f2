/**
 * What a supervisor or a load balancer asks: does the node live, and is it of use?
 *
 * Alive is whoever answers. Ready is who has a leader and has caught up with it; without that, send traffic elsewhere.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { NoLeaderAnswer } from "./Problems.ts"

export const HealthGroup = HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("alive", "/healthz", {
    success: Schema.Struct({ alive: Schema.Literal(true) }).annotate({ identifier: "Alive" })
  }).annotate(OpenApi.Summary, "Does this node live?"),
  HttpApiEndpoint.get("ready", "/readyz", {
    success: Schema.Struct({ ready: Schema.Literal(true) }).annotate({ identifier: "Ready" }),
    error: NoLeaderAnswer
  }).annotate(OpenApi.Summary, "Does this node have a leader, and has it caught up?")
)
