/**
 * What a supervisor or a load balancer asks: does the node live, and is it of use?
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { NoLeaderAnswer } from "./Problems.ts"

export const HealthGroup = HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("alive", "/healthz", {
    success: Schema.Struct({ alive: Schema.Literal(true) }).annotate({ identifier: "Alive" })
  }),
  HttpApiEndpoint.get("ready", "/readyz", {
    success: Schema.Struct({ ready: Schema.Literal(true) }).annotate({ identifier: "Ready" }),
    error: NoLeaderAnswer
  })
)
