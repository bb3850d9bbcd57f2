/**
 * Whether the node lives and is of use, and what it measures, over HTTP.
 *
 * It asks nobody else, so it answers with and without a leader.
 */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Api } from "../../api/Api.ts"
import { NoLeader } from "../../api/Problems.ts"
import { ClusterStatus } from "../ClusterStatus.ts"
import { Metrics } from "../Metrics.ts"

export const layer = (api: Api) =>
  HttpApiBuilder.group(
    api,
    "health",
    (handlers) =>
      Effect.zipWith(ClusterStatus, Metrics, ({ ready }, { scrape }) =>
        handlers.handleAll({
          alive: () => Effect.succeed({ alive: true as const }),
          ready: () =>
            Effect.flatMap(
              ready,
              (isReady) => (isReady ? Effect.succeed({ ready: true as const }) : Effect.fail(notReady))
            ),
          metrics: () => scrape
        }))
  )

const notReady = new NoLeader({ detail: "This node knows of no leader, or has not caught up with it." })
