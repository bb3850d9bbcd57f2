/**
 * The HTTP API: the one definition that the server implements, clients are derived from and `/openapi.json` prints.
 *
 * It is made from the limits in force, so that what is checked, described and refused is the same. Types do not depend
 * on the limits: a client may use `Api`.
 */
import { HttpApi, HttpApiMiddleware, OpenApi } from "effect/http-api"
import { makeClusterGroup } from "./Cluster.ts"
import { mend } from "./Description.ts"
import { makeEventsGroup } from "./Events.ts"
import { makeFields } from "./Fields.ts"
import { HealthGroup } from "./Health.ts"
import { defaults, type Limits } from "./Limits.ts"
import { makeLocksGroup } from "./Locks.ts"
import { InternalError } from "./Problems.ts"
import { makeSessionsGroup } from "./Sessions.ts"

/** Stands around every endpoint and turns what is wrong with a request, or with the node, into a problem. */
export class RequestCheck extends HttpApiMiddleware.Service<RequestCheck>()("api/RequestCheck", {
  error: InternalError
}) {}

export const makeApi = (limits: Limits) => {
  const fields = makeFields(limits)
  return HttpApi.make("holdfast")
    .add(
      makeSessionsGroup(fields),
      makeLocksGroup(fields),
      makeEventsGroup(fields),
      makeClusterGroup(fields),
      HealthGroup
    )
    .middleware(RequestCheck)
    // A misspelt field, such as `maxholdMs`, would be a promise that nobody keeps.
    .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error" })
    .annotate(OpenApi.Title, "Holdfast")
    .annotate(OpenApi.Version, "1")
    .annotate(OpenApi.Transform, mend(limits))
    .annotate(OpenApi.Description, "A distributed lock service: sessions, locks with fencing tokens, FIFO queues.")
}

export type Api = ReturnType<typeof makeApi>

/**
 * The HTTP API of a node, from which Effect's `HttpApiClient` derives a client: sessions, locks, events, the cluster.
 * Times are in milliseconds. Each endpoint fails with the problems that `/openapi.json` lists for it.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { HttpApiClient } from "effect/http-api"
 * import { Api } from "holdfast"
 *
 * const program = Effect.gen(function*() {
 *   const { locks } = yield* HttpApiClient.make(Api, { baseUrl: "http://127.0.0.1:8081" })
 *   const { holders } = yield* locks.get({ params: { name: "report" }, query: { consistency: "linearizable" } })
 *   return holders.map(({ label }) => label)
 * })
 *
 * console.log(await Effect.runPromise(program.pipe(Effect.provide(FetchHttpClient.layer))))
 * ```
 */
export const Api: Api = makeApi(defaults)
