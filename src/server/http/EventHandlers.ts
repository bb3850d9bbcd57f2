/**
 * Events over HTTP, handed to `Events`. A watcher that hangs up ends its stream.
 */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Api } from "../../api/Api.ts"
import { Events } from "../Events.ts"

export const layer = (api: Api) =>
  HttpApiBuilder.group(api, "events", (handlers) =>
    Effect.map(Events, (events) =>
      handlers.handleAll({
        watch: ({ headers, query }) => events.watch({ prefix: query.prefix ?? "", after: headers["last-event-id"] })
      })))
