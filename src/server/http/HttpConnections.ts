/**
 * The connections of an HTTP server, which its stop has to end in bounded time.
 */
import { Context, type Effect } from "effect"

export class HttpConnections extends Context.Service<HttpConnections, {
  /** Accepts none any more, ends each one once it is idle, and after a short time ends those that are not. */
  readonly close: Effect.Effect<void>
}>()("server/http/HttpConnections") {}
