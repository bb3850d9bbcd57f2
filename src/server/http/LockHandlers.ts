/**
 * Locks over HTTP, handed to `Locks`. The schemas of the API have checked what comes in here.
 *
 * The server interrupts a handler whose client hangs up, and so `Locks` withdraws the attempt. After a grant nothing
 * here waits: the answer is written in the same turn, so no hang-up can come between the two unseen.
 */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Api } from "../../api/Api.ts"
import { Locks } from "../Locks.ts"

export const layer = (api: Api) =>
  HttpApiBuilder.group(api, "locks", (handlers) =>
    Effect.map(Locks, (locks) =>
      handlers.handleAll({
        acquire: ({ params, payload }) => locks.acquire(params.name, payload),
        release: ({ params, payload }) => Effect.as(locks.release(params.name, payload), { released: true as const }),
        check: ({ params, payload }) => Effect.map(locks.check(params.name, payload.token), (valid) => ({ valid })),
        get: ({ params, query }) => locks.get(params.name, query.consistency),
        explain: ({ params, query }) => locks.explain(params.name, query.consistency),
        history: ({ params, query }) => locks.history(params.name, query.consistency),
        list: ({ query }) => locks.list(query)
      })))
