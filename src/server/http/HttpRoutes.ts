/**
 * The node's HTTP: the API, its description, and the pages about problems, on whatever server is there.
 *
 * When it stops it first answers all that waits, and then lets the server go. Nothing logs or traces a URL: session ids
 * are in them.
 */
import { Effect, Layer } from "effect"
import { HttpMiddleware, HttpRouter } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { type Api, makeApi } from "../../api/Api.ts"
import { Limits } from "../../api/Limits.ts"
import { DevControl } from "../dev/DevControl.ts"
import * as DevRoutes from "../dev/DevRoutes.ts"
import { Events } from "../Events.ts"
import { Locks } from "../Locks.ts"
import * as ApiReference from "./ApiReference.ts"
import * as ClusterHandlers from "./ClusterHandlers.ts"
import * as Dashboard from "./Dashboard.ts"
import * as EventHandlers from "./EventHandlers.ts"
import * as Gate from "./Gate.ts"
import * as HealthHandlers from "./HealthHandlers.ts"
import { HttpConnections } from "./HttpConnections.ts"
import * as LockHandlers from "./LockHandlers.ts"
import { makePaths, type Route, routerConfig } from "./Paths.ts"
import * as ProblemPages from "./ProblemPages.ts"
import * as RequestCheck from "./RequestCheck.ts"
import * as SessionHandlers from "./SessionHandlers.ts"

const openApi = { method: "GET", path: "/openapi.json" } as const

const routes = Layer.unwrap(Effect.gen(function*() {
  const api = makeApi(yield* Limits)
  const handlers = Layer.mergeAll(
    SessionHandlers.layer(api),
    LockHandlers.layer(api),
    EventHandlers.layer(api),
    ClusterHandlers.layer(api),
    HealthHandlers.layer(api)
  )
  const endpoints = HttpApiBuilder.layer(api, { openapiPath: openApi.path }).pipe(
    Layer.provide(handlers),
    Layer.provide(RequestCheck.layer)
  )
  const devRoutes = (yield* DevControl) === null ? [] : DevRoutes.routes
  const paths = makePaths([
    ...endpointsOf(api),
    openApi,
    ...devRoutes,
    ApiReference.route,
    ...Dashboard.routes,
    ProblemPages.route
  ])
  return Layer.mergeAll(
    endpoints,
    DevRoutes.layer,
    ApiReference.layer(api),
    Dashboard.layer,
    ProblemPages.layer,
    Gate.layer(paths)
  )
}))

const endpointsOf = (api: Api): ReadonlyArray<Route> =>
  Object.values(api.groups).flatMap((group) => Object.values<Route>(group.endpoints))

const stopping = Layer.effectDiscard(Effect.gen(function*() {
  const locks = yield* Locks
  const events = yield* Events
  const connections = yield* HttpConnections
  const answerAll = Effect.andThen(locks.drain, events.drain)
  yield* Effect.addFinalizer(() => Effect.andThen(answerAll, connections.letGo))
}))

export const layer = stopping.pipe(
  Layer.provideMerge(HttpRouter.serve(routes, { routerConfig, disableLogger: true, disableListenLog: true })),
  Layer.provide(Layer.succeed(HttpMiddleware.TracerDisabledWhen, () => true))
)
