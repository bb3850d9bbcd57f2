/**
 * The connections of an HTTP server, which it lets go when it stops.
 *
 * Each kind of server has its own way to do that; the routes only say when, after the last waiting request is answered.
 */
import { Context, type Effect } from "effect"

export class HttpConnections extends Context.Service<HttpConnections, {
  /** Accepts none any more and ends each one once it is idle. Gives up after a short time. */
  readonly letGo: Effect.Effect<void>
}>()("server/http/HttpConnections") {}
