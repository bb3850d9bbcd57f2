/**
 * The connections of an HTTP server, which it lets go when it stops.
 */
import { Context, type Effect } from "effect"

export class HttpConnections extends Context.Service<HttpConnections, {
  /** Accepts none any more and ends each one once it is idle. Gives up after a short time. */
  readonly letGo: Effect.Effect<void>
}>()("server/http/HttpConnections") {}
