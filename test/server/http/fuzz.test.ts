/**
 * Whatever comes in: no answer is a 5xx, a refusal names its field, what gets through is within the limits, and the
 * server answers the next one.
 */
import { assert, layer } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import { defaults as limits } from "../../../src/api/Limits.ts"
import type { Acquire } from "../../../src/api/Locks.ts"
import { makeRecorder } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { exchange, json, parse, post, send, until } from "./RawHttp.ts"

const recorder = makeRecorder()
const server = HttpTestServer.layer({ recorder })
const live = { excludeTestServices: true }

const oneOf = <const A extends ReadonlyArray<string | number>>(...values: A) => Schema.Literals(values)

const byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const bytes = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(byte), { maxLength: 64 }),
  (values) => Buffer.from(values).toString("latin1")
)

/** Pieces of paths, with what routers and decoders stumble over more often than chance would have it. */
const piece = Schema.Union([
  Schema.String,
  oneOf("v1", "locks", "sessions", "acquire", "renew", "problems", "cluster", "%", "%2", "%ff", "%00", "..", ";", "#")
])
const target = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(piece), { maxLength: 6 }),
  (pieces) => `/${pieces.join("/")}`.replace(/[^\x21-\x7e]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
)

const nasty = Schema.Union([
  Schema.Json,
  Schema.Number,
  oneOf(0, -0, -1, 0.5, 1000, 5000, 10_000, 3_600_000, 2 ** 53, 1e308, "exclusive", "shared", "", "\0", "\ud800", "x")
])
const fieldName = oneOf(
  "session",
  "ttlMs",
  "label",
  "owner",
  "mode",
  "permits",
  "waitMs",
  "lockDelayMs",
  "maxHoldMs",
  "value",
  "seq",
  "seqDone",
  "token",
  "__proto__",
  "toString"
)
const fieldAndValue = Arbitrary.all([Arbitrary.schema(fieldName), Arbitrary.schema(nasty)])
/** As text, since an object cannot hold `__proto__` like any other field. Infinity goes out as 1e999. */
const body = Arbitrary.map(
  Arbitrary.array(fieldAndValue, { maxLength: 5 }),
  (fields) => `{${fields.map(([name, value]) => `"${name}":${toJson(value)}`).join()}}`
)
const toJson = (value: unknown) => (value === Infinity ? "1e999" : JSON.stringify(value) ?? "null")

const many = { timeout: 60_000, arbitrary: { runs: 150 } }

const assertAlive = Effect.gen(function*() {
  const answer = yield* send(yield* HttpTestServer.port, { target: "/healthz" })
  assert.strictEqual(answer.status, 200)
})

layer(server, live)("Whatever comes in", (it) => {
  it.effect.prop(
    "bytes in a path",
    { bytes, method: oneOf("GET", "POST", "DELETE", "PUT") },
    ({ bytes, method }) =>
      Effect.gen(function*() {
        const port = yield* HttpTestServer.port
        const { status } = yield* send(port, { method, target: `/v1/locks/${bytes}` })
        assert.isBelow(status, 500)
        yield* assertAlive
      }),
    many
  )

  it.effect.prop(
    "paths of odd pieces",
    { target, method: oneOf("GET", "POST", "DELETE") },
    ({ method, target }) =>
      Effect.gen(function*() {
        const port = yield* HttpTestServer.port
        const answer = yield* send(port, { method, target })
        assert.isBelow(answer.status, 500)
        if (answer.status >= 400) assert.isString(json(answer)["type"])
      }),
    many
  )

  it.effect.prop("odd JSON", { body }, ({ body }) =>
    Effect.gen(function*() {
      recorder.calls.length = 0
      const answered = send(yield* HttpTestServer.port, post("/v1/locks/a/acquire", body))
      const answer = yield* Effect.raceFirst(answered, Effect.as(until(() => recorder.waiting > 0), undefined))
      // Now and then it comes out as an acquire that may wait, and does.
      if (answer === undefined) yield* until(() => recorder.waiting === 0)
      assert.isBelow(answer?.status ?? 0, 500)
      if (answer?.status === 400) assert.isNotEmpty(json(answer)["field"])
      for (const [, , request] of recorder.calls) assertWithinLimits(request as Acquire)
    }), many)
})

layer(server, live)("Whatever comes in", (it) => {
  it.effect.prop("text that is no JSON", { body: Schema.String }, ({ body }) =>
    Effect.gen(function*() {
      const answer = yield* send(yield* HttpTestServer.port, post("/v1/sessions", `x${body}`))
      assert.deepInclude(json(answer), { type: "/problems/invalid-request", field: "body" })
    }))

  it.effect.prop("no HTTP at all", { bytes }, ({ bytes }) =>
    Effect.gen(function*() {
      const answer = parse(yield* exchange(yield* HttpTestServer.port, Buffer.from(`\x01${bytes}`, "latin1")))
      assert.strictEqual(answer.status, 400)
      yield* assertAlive
    }))

  it.effect.prop("every name that is legal", { name: Schema.String }, ({ name }) =>
    Effect.gen(function*() {
      const legal = name.isWellFormed() && Buffer.byteLength(name) <= limits.nameBytesMax &&
        !["", ".", ".."].includes(name) && !name.includes("\0")
      if (!legal) return
      const looked = yield* send(yield* HttpTestServer.port, { target: `/v1/locks/${encodeURIComponent(name)}` })
      assert.strictEqual(json(looked)["name"], name)
    }), many)
})

const assertWithinLimits = (request: Acquire) => {
  const within = (value: number, minimum: number, maximum: number) =>
    assert.isTrue(Number.isInteger(value) && minimum <= value && value <= maximum)
  if (request.session === undefined) within(request.ttlMs, limits.ttlMillisMin, limits.ttlMillisMax)
  within(request.permits, 1, request.mode === "shared" ? 1 : limits.permitsMax)
  within(request.waitMs, 0, limits.waitMillisMax)
  within(request.lockDelayMs, 0, limits.lockDelayMillisMax)
  within(request.maxHoldMs ?? limits.maxHoldMillisMin, limits.maxHoldMillisMin, limits.maxHoldMillisMax)
  within(request.seq ?? 0, 0, Number.MAX_SAFE_INTEGER)
  within(Buffer.byteLength(request.owner), 0, limits.ownerBytesMax)
  assert.isTrue(request.owner.isWellFormed())
}
