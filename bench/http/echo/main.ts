/**
 * The bare echo that HTTP of a node is compared with: Effect's `HttpApi` on Node's server, one endpoint that decodes a
 * body and answers one of the shape of a grant. No lock, no log, no disk, no peer.
 */
import { NodeHttpServer } from "@effect/platform-node"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, Schema } from "effect"
import { HttpMiddleware, HttpRouter } from "effect/http"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { createServer } from "node:http"
import { Grant } from "../../../src/api/Locks.ts"

const api = HttpApi.make("echo").add(
  HttpApiGroup.make("locks").add(
    HttpApiEndpoint.post("acquire", "/v1/locks/:name/acquire", {
      params: { name: Schema.String },
      payload: Schema.Struct({ session: Grant.fields.session }),
      success: Grant
    })
  )
)

let token = 0

const handlers = HttpApiBuilder.group(api, "locks", (handlers) =>
  handlers.handle("acquire", ({ params, payload }) => {
    token += 1
    const { session } = payload
    const lease = { ttlMs: 600_000, expiresInMs: 600_000 }
    return Effect.succeed({ name: params.name, mode: "exclusive", session, owner: "", token, ...lease } as const)
  }))

const port = Number(process.argv[2])

const listening = Layer.effectDiscard(Effect.sync(() => process.send?.("ready")))

listening.pipe(
  Layer.provideMerge(
    HttpRouter.serve(Layer.provide(HttpApiBuilder.layer(api), handlers), {
      disableLogger: true,
      disableListenLog: true
    })
  ),
  Layer.provide(Layer.succeed(HttpMiddleware.TracerDisabledWhen, () => true)),
  Layer.provide(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" })),
  Layer.launch,
  NodeRuntime.runMain
)
