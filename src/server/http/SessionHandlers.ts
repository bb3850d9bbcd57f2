/**
 * Sessions over HTTP, handed to `Locks`.
 *
 * The schemas of the API have checked what comes in here. A session id stays `Redacted` on its way.
 */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Api } from "../../api/Api.ts"
import { Locks } from "../Locks.ts"

export const layer = (api: Api) =>
  HttpApiBuilder.group(api, "sessions", (handlers) =>
    Effect.map(Locks, (locks) =>
      handlers.handleAll({
        open: ({ payload }) => locks.openSession(payload),
        renew: ({ params }) => locks.renewSession(params.session),
        end: ({ params }) => locks.endSession(params.session),
        list: ({ query }) => locks.sessions(query)
      })))
