/**
 * The HTTP API: the one definition that the server implements, clients are derived from and `/openapi.json` prints.
 *
 * It is made from the limits in force, so that what is checked, described and refused is the same. Types do not depend
 * on the limits: a client may use `Api`.
 */
import { HttpApi } from "effect/http-api"
import { ClusterGroup } from "./Cluster.ts"
import { makeFields } from "./Fields.ts"
import { HealthGroup } from "./Health.ts"
import { defaults, type Limits } from "./Limits.ts"
import { makeLocksGroup } from "./Locks.ts"
import { makeSessionsGroup } from "./Sessions.ts"

export const makeApi = (limits: Limits) => {
  const fields = makeFields(limits)
  return HttpApi.make("holdfast")
    .add(makeSessionsGroup(fields), makeLocksGroup(fields), ClusterGroup, HealthGroup)
    // A misspelt field, such as `maxholdMs`, would be a promise that nobody keeps.
    .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error" })
}

export type Api = ReturnType<typeof makeApi>

export const Api: Api = makeApi(defaults)
