/**
 * Keeps the pages of other origins from changing anything here: a browser sends `Origin` with such a request, and
 * scripts and clients send none.
 *
 * The node's own origin is the address at which the browser reached it. A name is believed only when whoever assembles
 * the node says so: whoever owns a name can point it at this node (DNS rebinding), and nobody owns an IP address or
 * `localhost`.
 */
import { Context } from "effect"
import type { HttpServerRequest } from "effect/http"

/** Origins by name, such as `https://locks.example.com`, whose pages may change things here. */
export const OwnOrigins = Context.Reference<ReadonlySet<string>>("server/http/OwnOrigins", {
  defaultValue: () => new Set()
})

export const isForeign = (request: HttpServerRequest.HttpServerRequest, own: ReadonlySet<string>): boolean => {
  const { host = "", origin } = request.headers
  if (origin === undefined || isSafe(request.method)) return false
  return !own.has(origin) && !(isAddress.test(host) && origin === `http://${host}`)
}

const isSafe = (method: string) => method === "GET" || method === "HEAD"

const isAddress = /^(localhost|\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])(:\d+)?$/
