/**
 * What the node says of itself and its cluster, over HTTP.
 *
 * It asks nobody else, so it answers with and without a leader.
 */
import { Effect, Layer } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Api } from "../../api/Api.ts"
import { NoLeader } from "../../api/Problems.ts"
import { ClusterStatus } from "../ClusterStatus.ts"

const cluster = (api: Api) =>
  HttpApiBuilder.group(
    api,
    "cluster",
    (handlers) => Effect.map(ClusterStatus, ({ status }) => handlers.handle("status", () => status))
  )

const health = (api: Api) =>
  HttpApiBuilder.group(api, "health", (handlers) =>
    Effect.map(ClusterStatus, ({ ready }) =>
      handlers.handleAll({
        alive: () => Effect.succeed({ alive: true as const }),
        ready: () =>
          Effect.flatMap(
            ready,
            (isReady) => (isReady ? Effect.succeed({ ready: true as const }) : Effect.fail(notReady))
          )
      })))

const notReady = new NoLeader({ detail: "This node knows of no leader, or has not caught up with it." })

export const layer = (api: Api) => Layer.merge(cluster(api), health(api))
