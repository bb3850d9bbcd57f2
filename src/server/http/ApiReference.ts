/**
 * `GET /docs`: the HTTP API to read and to try out, made from the same definition that the node serves. It loads
 * nothing from anywhere else.
 *
 * What it shows it with is large, and so is loaded when somebody looks for the first time.
 */
import { Effect, Layer, Scope } from "effect"
import { HttpBody, HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiScalar } from "effect/http-api"
import type { Api } from "../../api/Api.ts"

export const route = { method: "GET", path: "/docs" } as const

/** What it is shown with makes styles and functions of its own as it goes, but may ask nobody else. */
const policy = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'"

/** What it hides, and where its messages would appear, reaches out of the side of a phone. */
const customCss = "main { overflow-x: clip } .scalar-toaster { max-width: calc(100vw - 2rem) }"

/** What leads back to the dashboard, above all else. */
const wayBack = Buffer.from(
  `<p style="margin: .7rem 1rem; font-family: system-ui"><a href="/">Back to the dashboard</a></p>`
)

const withWayBack = (response: HttpServerResponse.HttpServerResponse) => {
  const { body } = response
  if (body._tag !== "Uint8Array") return response
  const at = Buffer.from(body.body.buffer, body.body.byteOffset, body.body.byteLength).indexOf("<body>") +
    "<body>".length
  const html = Buffer.concat([body.body.subarray(0, at), wayBack, body.body.subarray(at)])
  return HttpServerResponse.setBody(response, HttpBody.uint8Array(html, body.contentType))
}

export const layer = (api: Api) =>
  HttpRouter.use(Effect.fnUntraced(function*(router) {
    const scope = yield* Effect.scope
    const shown = yield* Effect.cached(Effect.gen(function*() {
      const inner = yield* HttpRouter.make
      const page = HttpApiScalar.layer(api, { path: route.path, scalar: { withDefaultFonts: false, customCss } })
      yield* Layer.buildWithScope(Layer.provide(page, Layer.succeed(HttpRouter.HttpRouter, inner)), scope)
      return inner.asHttpEffect()
    }))
    const answer = Effect.flatten(Effect.provideService(shown, Scope.Scope, scope))
    yield* router.add(
      route.method,
      route.path,
      Effect.map(answer, (page) => HttpServerResponse.setHeader(withWayBack(page), "content-security-policy", policy))
    )
  }))
