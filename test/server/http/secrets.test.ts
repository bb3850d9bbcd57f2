/**
 * A session id is a credential: it stands in URLs, bodies and answers, and nowhere else. Everything that a node could
 * write down while it serves requests is collected here and searched for it.
 */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger, References, Tracer } from "effect"
import { inspect } from "node:util"
import * as Tracing from "../../../src/node/tracing/Tracing.ts"
import { knownSession, makeRecorder } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { post, type Request, send } from "./RawHttp.ts"

const session = knownSession

/** Requests that succeed, fail, are refused, and meet a defect, each with a session id wherever one can be. */
const requests: ReadonlyArray<Request> = [
  post("/v1/sessions", { ttlMs: 5000 }),
  { method: "POST", target: `/v1/sessions/${session}/renew` },
  { method: "POST", target: `/v1/sessions/unknown-${session}/renew` },
  { method: "PUT", target: `/v1/sessions/${session}/renew` },
  { method: "GET", target: `/v1/sessions/${session}/nothing` },
  { method: "DELETE", target: `/v1/sessions/${session}`, headers: { origin: "http://evil.example" } },
  { method: "DELETE", target: `/v1/sessions/${session}` },
  post("/v1/locks/a/acquire", { session }),
  post("/v1/locks/defect/acquire", { session }),
  post("/v1/locks/defect/release", { session, token: 7 }),
  post("/v1/locks/half/acquire", { session }),
  post("/v1/locks/lock-held/acquire", { session }),
  post("/v1/locks/a/acquire", { session, waitMs: -1 }),
  post("/v1/locks/a/acquire", `{"session":"${session}"`),
  post("/v1/locks/a/acquire", { session, value: "x".repeat(100_000) }),
  { target: `/v1/locks?cursor=${session}%` }
]

it.live("no log line, span, event or problem holds a session id", () => {
  const written: Array<string> = []
  const write = (what: unknown) => written.push(inspect(what, { depth: 12, showHidden: true }))
  const logger = Logger.make((line) => void write(line))
  const tracer = Tracer.make({
    span: (options) => {
      write(options)
      const span = new Tracer.NativeSpan(options)
      return Object.assign(span, {
        attribute: (...attribute: ReadonlyArray<unknown>) => void write(attribute),
        end: (...end: ReadonlyArray<unknown>) => void write(end)
      })
    }
  })
  const observed = Layer.mergeAll(
    Logger.layer([logger]),
    Layer.succeed(References.MinimumLogLevel, "All"),
    Layer.succeed(Tracer.Tracer, tracer),
    Layer.succeed(Tracing.Tracing, Tracing.make(tracer, () => true, () => 0n))
  )
  const recorder = makeRecorder()
  return Effect.gen(function*() {
    const port = yield* HttpTestServer.port
    for (const request of requests) {
      const answer = yield* send(port, request)
      if (answer.status >= 400) assert.notInclude(answer.body, session)
    }
    // The defects were logged, by route: the collector works.
    assert.lengthOf(written.filter((text) => text.includes("A defect in POST /v1/locks/:name/acquire")), 2)
    for (const text of written) assert.notInclude(text, session)
    assert.notInclude(inspect(recorder.calls, { depth: 12 }), session)
    assert.isAtLeast(recorder.calls.length, 8)
  }).pipe(Effect.provide(Layer.provide(HttpTestServer.layer({ recorder }), observed)))
})
