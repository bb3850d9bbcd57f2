/**
 * The context of a trace over HTTP: in the header that W3C names, out of the client and into the node's span, which
 * has the template of the route and nothing of the URL.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Tracer } from "effect"
import { SessionId } from "../../src/api/Fields.ts"
import { makeApiClient, outcomeOf } from "../../src/client/transport/HttpOperations.ts"
import * as Tracing from "../../src/node/tracing/Tracing.ts"
import { knownSession } from "../server/http/FakeLocks.ts"
import * as HttpTestServer from "../server/http/HttpTestServer.ts"
import { post, send } from "../server/http/RawHttp.ts"
import { makeRecording } from "./Recording.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const parent = "00f067aa0ba902b7"

const traced = <A, E>(use: (port: number) => Effect.Effect<A, E>) => {
  const { spans, tracer } = makeRecording()
  const tracing = Tracing.make(tracer, (parent) => parent?.sampled ?? true, () => 0n)
  return Effect.gen(function*() {
    yield* use(yield* HttpTestServer.port)
    return spans
  }).pipe(Effect.provide(Layer.provide(HttpTestServer.layer(), Layer.succeed(Tracing.Tracing, tracing))))
}

const parentOf = ({ parent }: Tracer.Span) => parent._tag === "Some" ? parent.value.spanId : null

describe("A trace over HTTP", () => {
  it.live("goes on in the node under the client's span", () =>
    Effect.gen(function*() {
      const spans = yield* traced((port) =>
        Effect.gen(function*() {
          const client = yield* makeApiClient(`http://127.0.0.1:${port}`)
          const session = Redacted.make(knownSession) as SessionId
          const acquire = { _tag: "Acquire", id: 1, seq: 1, lock: "a/b", owner: "", waitMs: 0 } as const
          for (const flags of ["01", "00"]) {
            const operation = { ...acquire, traceparent: `00-${traceId}-${parent}-${flags}` }
            const outcome = yield* outcomeOf(client, { session, operations: [operation] }, operation)
            assert.strictEqual(outcome._tag, "Granted")
          }
        })
      )
      assert.deepStrictEqual(spans.map(({ name, traceId }) => [name, traceId]), [
        ["POST /v1/locks/:name/acquire", traceId]
      ])
      assert.strictEqual(parentOf(spans[0]!), parent)
      assert.deepStrictEqual([...spans[0]!.attributes], [
        ["http.request.method", "POST"],
        ["http.route", "/v1/locks/:name/acquire"],
        ["http.response.status_code", 200]
      ])
    }))

  it.live("begins in the node where there is none or none that can be read, and not for pages and probes", () =>
    Effect.gen(function*() {
      const spans = yield* traced((port) =>
        Effect.gen(function*() {
          for (const target of ["/healthz", "/metrics", "/", "/docs", "/nothing"]) yield* send(port, { target })
          yield* send(port, { target: "/v1/locks/a", headers: { traceparent: "00-nonsense" } })
          yield* send(port, post("/v1/locks/wait-timeout/acquire", { session: knownSession }))
        })
      )
      assert.deepStrictEqual(spans.map(({ name }) => name), ["GET /v1/locks/:name", "POST /v1/locks/:name/acquire"])
      assert.deepStrictEqual(spans.map(parentOf), [null, null])
      assert.strictEqual(spans[1]!.attributes.get("http.response.status_code"), 409)
    }))
})
