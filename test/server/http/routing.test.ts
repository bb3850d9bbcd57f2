/**
 * What stands around the endpoints: paths and methods that are none, origins, types and sizes of bodies, and the
 * headers of every answer.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { defaults } from "../../../src/api/Limits.ts"
import { problems, type Slug } from "../../../src/api/Problems.ts"
import { OwnOrigins } from "../../../src/server/http/Origin.ts"
import { knownSession } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { encode, exchange, json, parse, post, type Request, send } from "./RawHttp.ts"

const acquireAt = "/v1/locks/a/acquire"
const good = { ttlMs: 5000 }
/** A body of exactly so many bytes that is legal but for its length. */
const padded = (bytes: number) => JSON.stringify(good).padEnd(bytes, " ")

type Row = readonly [what: string, request: Request, answer: Slug | number]

const paths: ReadonlyArray<Row> = [
  ["the root", { target: "/" }, 200],
  ["a path that is none", { target: "/v1/lock/a" }, "not-found"],
  ["a path in capitals", { target: "/V1/locks/a" }, "not-found"],
  ["a slash too many at the end", { target: "/v1/locks/a/" }, "not-found"],
  ["a slash too many at the front", { target: "//v1/locks/a" }, "not-found"],
  ["an operation that is none", post("/v1/locks/a/steal", good), "not-found"],
  ["a name whose slash is not encoded", { target: "/v1/locks/a/b" }, "not-found"],
  ["a server", { target: "*", method: "OPTIONS" }, 204],
  ["a path with a query", { target: "/healthz?x=%ff" }, 200],
  ["a whole URL, as a proxy gets it", { target: "http://127.0.0.1/healthz" }, 200]
]

const methods: ReadonlyArray<Row> = [
  ["PUT of a lock", { method: "PUT", target: "/v1/locks/a" }, "method-not-allowed"],
  ["GET of an acquire", { target: acquireAt }, "method-not-allowed"],
  ["DELETE of all sessions", { method: "DELETE", target: "/v1/sessions" }, "method-not-allowed"],
  ["POST of the status", { method: "POST", target: "/cluster/status" }, "method-not-allowed"],
  ["POST of a page", { method: "POST", target: "/problems/lock-held" }, "method-not-allowed"],
  ["a method of WebDAV", { method: "PROPFIND", target: "/v1/locks" }, "method-not-allowed"],
  ["HEAD of a change", { method: "HEAD", target: acquireAt }, 405],
  ["HEAD of a lock", { method: "HEAD", target: "/v1/locks/a" }, 200],
  ["HEAD of nothing", { method: "HEAD", target: "/nothing" }, 404],
  ["OPTIONS of nothing", { method: "OPTIONS", target: "/nothing" }, "not-found"]
]

const origins: ReadonlyArray<Row> = [
  ["a page of another origin", post(acquireAt, good, { origin: "http://evil.example" }), "forbidden-origin"],
  ["a page of another port", post(acquireAt, good, { origin: "http://127.0.0.1:1" }), "forbidden-origin"],
  ["a page of another scheme", post(acquireAt, good, { origin: "https://127.0.0.1" }), "forbidden-origin"],
  ["a page of no origin", post(acquireAt, good, { origin: "null" }), "forbidden-origin"],
  [
    "a page whose name was bent to point here",
    post(acquireAt, good, { origin: "http://evil.example", host: "evil.example" }),
    "forbidden-origin"
  ],
  [
    "a name that begins like an address",
    post(acquireAt, good, { origin: "http://127.0.0.1.evil.example", host: "127.0.0.1.evil.example" }),
    "forbidden-origin"
  ],
  ["a DELETE", { method: "DELETE", target: "/v1/sessions/x", headers: { origin: "http://e" } }, "forbidden-origin"],
  ["a preflight", { method: "OPTIONS", target: acquireAt, headers: { origin: "http://e" } }, "forbidden-origin"],
  ["a GET of any page", { target: "/v1/locks/a", headers: { origin: "http://evil.example" } }, 200],
  ["its own page", post(acquireAt, good, { origin: "http://127.0.0.1" }), 200],
  ["its own page on its port", post(acquireAt, good, { origin: "http://localhost:81", host: "localhost:81" }), 200],
  ["its own page by IPv6", post(acquireAt, good, { origin: "http://[::1]:81", host: "[::1]:81" }), 200]
]

const bodies: ReadonlyArray<Row> = [
  ["a form", post(acquireAt, "ttlMs=1", { "content-type": "application/x-www-form-urlencoded" }), 415],
  ["text", post(acquireAt, good, { "content-type": "text/plain" }), "unsupported-media-type"],
  ["a type that only begins so", post(acquireAt, good, { "content-type": "application/jsonp" }), 415],
  ["JSON with a charset", post(acquireAt, good, { "content-type": "Application/JSON; charset=utf-8" }), 200],
  ["no type", { method: "POST", target: acquireAt, body: JSON.stringify(good) }, 200],
  ["the longest body", post(acquireAt, padded(defaults.bodyBytesMax)), 200],
  ["one byte more", post(acquireAt, padded(defaults.bodyBytesMax + 1)), "too-large"],
  ["a body where none is read", { ...post(`/v1/sessions/${knownSession}/renew`, "garbage") }, 200]
]

const server = HttpTestServer.layer()
const live = { excludeTestServices: true }

const assertAnswer = ([, request, expected]: Row) =>
  Effect.gen(function*() {
    const answer = yield* send(yield* HttpTestServer.port, request)
    const status = typeof expected === "number" ? expected : problems[expected].status
    assert.strictEqual(answer.status, status, answer.body)
    if (typeof expected === "string") assert.strictEqual(json(answer)["type"], `/problems/${expected}`)
    assert.strictEqual(answer.headers["x-content-type-options"], "nosniff")
    assert.strictEqual(answer.headers["cache-control"], "no-store")
    if (request.method === "HEAD") assert.strictEqual(answer.body, "")
  })

layer(server, live)("The gate knows its paths", (it) => {
  it.effect.each(paths)("%s", assertAnswer)
})

layer(server, live)("The gate knows the methods of a path", (it) => {
  it.effect.each(methods)("%s", assertAnswer)

  it.effect("and says what to do instead", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const detailOf = (request: Request) => Effect.map(send(port, request), (answer) => json(answer)["detail"])
      for (const target of ["/v1", "/problems"]) assert.include(yield* detailOf({ target }), "`/openapi.json`")
      const freed = yield* detailOf({ method: "DELETE", target: "/v1/locks/a?token=1" })
      assert.include(freed, "GET, HEAD, OPTIONS. A lock is taken with a POST to its `/acquire`")
      const elsewhere = yield* detailOf({ method: "DELETE", target: "/v1/locks/a/release" })
      assert.include(elsewhere, "OPTIONS, POST. `/openapi.json`")
    }))

  it.effect("and says them, in a 405 and to OPTIONS", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const allowed = [
        ["/v1/sessions", "GET, HEAD, OPTIONS, POST"],
        ["/v1/sessions/x", "DELETE, OPTIONS"],
        ["/v1/locks/a/release", "OPTIONS, POST"],
        ["/openapi.json", "GET, HEAD, OPTIONS"]
      ] as const
      for (const [target, allow] of allowed) {
        const refused = yield* send(port, { method: "PATCH", target })
        assert.strictEqual(refused.headers["allow"], allow)
        const asked = yield* send(port, { method: "OPTIONS", target })
        assert.deepStrictEqual([asked.status, asked.headers["allow"], asked.body], [204, allow, ""])
        assert.notProperty(asked.headers, "access-control-allow-origin")
      }
    }))
})

layer(server, live)("The gate knows its own origin", (it) => {
  it.effect.each(origins)("%s", assertAnswer)
})

const named = HttpTestServer.layer().pipe(Layer.provide(Layer.succeed(OwnOrigins, new Set(["https://locks.example"]))))

layer(named, live)("The gate knows the names that it was told", (it) => {
  it.effect.each<Row>([
    ["a name of its own", post(acquireAt, good, { origin: "https://locks.example" }), 200],
    ["that name on another port", post(acquireAt, good, { origin: "https://locks.example:81" }), "forbidden-origin"]
  ])("%s", assertAnswer)
})

layer(server, live)("The gate takes JSON within its limit", (it) => {
  it.effect.each(bodies)("%s", assertAnswer)
})

layer(server, live)("The gate", (it) => {
  it.effect("takes a body whose length is not said before it comes", () =>
    Effect.gen(function*() {
      const head = `POST ${acquireAt} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`
      const chunks = `7\r\n{"ttlMs\r\n7\r\n":5000}\r\n0\r\n\r\n`
      const received = yield* exchange(yield* HttpTestServer.port, Buffer.from(head + chunks))
      assert.strictEqual(parse(received).status, 200)
    }))

  it.effect("refuses a body that grows too large while it comes, and reads no more of it", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const head = `POST ${acquireAt} HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n`
      const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`
      // 32 MiB and no end: the server answers and ends the connection, or this never comes back.
      const received = yield* exchange(port, Buffer.from(head + chunk.repeat(512)))
      assert.strictEqual(json(parse(received))["type"], "/problems/too-large")
    }))

  it.effect("does not ask for a body that it will not read", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const headers = { expect: "100-continue", "content-type": "text/plain", "content-length": "1000000" }
      const received = yield* exchange(port, encode({ method: "POST", target: acquireAt, headers }))
      assert.strictEqual(parse(received).status, 415)
    }))

  it.effect("refuses what is no HTTP with a problem, and what never ends with its status", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      for (const garbage of ["hello\r\n\r\n", "GET /v1/locks/\xe9 HTTP/1.1\r\nhost: x\r\n\r\n", "\0\0\0\0\0\0"]) {
        const answer = parse(yield* exchange(port, Buffer.from(garbage, "latin1")))
        assert.strictEqual(answer.status, 400)
        assert.strictEqual(answer.headers["content-length"], String(answer.body.length))
        assert.include(json(answer), { type: "/problems/invalid-request", field: "request" })
      }
      const endless = yield* exchange(port, Buffer.from(`GET /${"x".repeat(20_000)} HTTP/1.1\r\n`))
      assert.strictEqual(parse(endless).status, 431)
    }))

  it.effect("says whether the node lives, and whether it is of use", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const alive = yield* send(port, { target: "/healthz" })
      assert.deepStrictEqual([alive.status, json(alive)], [200, { alive: true }])
      const notReady = yield* send(port, { target: "/readyz" })
      assert.deepStrictEqual([notReady.status, json(notReady)["type"]], [503, "/problems/no-leader"])
      const seen = yield* send(port, { target: "/cluster/status" })
      assert.deepStrictEqual(json(seen), { ...HttpTestServer.status })
    }))
})
