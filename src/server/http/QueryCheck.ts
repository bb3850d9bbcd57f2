/**
 * Refuses a query field that the endpoint does not have: `POST /cluster/leader/transfer?to=node2` would otherwise
 * quietly let any node lead. Whoever asks after a node's health may add what it likes.
 */
import { Effect, SchemaAST } from "effect"
import { HttpServerRequest } from "effect/http"
import type { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { unknownField } from "./InvalidRequests.ts"

interface Route {
  readonly endpoint: HttpApiEndpoint.Top
  readonly group: HttpApiGroup.Top
}

export const checkQuery = ({ endpoint, group }: Route) => {
  const known = fieldsOf(endpoint)
  return Effect.flatMap(HttpServerRequest.ParsedSearchParams, (query) => {
    const unknown = Object.keys(query).find((field) => !known.includes(field))
    return unknown === undefined || group.identifier === "health"
      ? Effect.void
      : Effect.fail(unknownField(unknown, known))
  })
}

const fieldsOf = ({ query }: HttpApiEndpoint.Top): ReadonlyArray<string> =>
  query !== undefined && SchemaAST.isObjects(query.ast)
    ? query.ast.propertySignatures.map(({ name }) => String(name))
    : []
