/**
 * The lock operations of the HTTP contract, against one node.
 */
import { Effect } from "effect"
import type { Reply } from "./Http.ts"
import type { TestNode } from "./TestNode.ts"

const path = (name: string) => `/v1/locks/${encodeURIComponent(name)}`

export const openSession = (node: TestNode, ttlMs: number, label = "test") =>
  Effect.map(node.request("POST", "/v1/sessions", { ttlMs, label }), ({ body }) => String(body["session"]))

export const renew = (node: TestNode, session: string) => node.request("POST", `/v1/sessions/${session}/renew`, {})

export const acquire = (node: TestNode, name: string, options: object) =>
  node.request("POST", `${path(name)}/acquire`, options)

export const release = (node: TestNode, name: string, options: object) =>
  node.request("POST", `${path(name)}/release`, options)

export const show = (node: TestNode, name: string) => node.request("GET", path(name))

/** The tokens of the present holders, as an answer shows them. */
export const tokensOf = ({ body }: Reply): ReadonlyArray<unknown> =>
  Array.isArray(body["holders"]) ? body["holders"].map(({ token }) => token) : []
