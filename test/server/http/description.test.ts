/**
 * `/openapi.json` is believed by those who generate clients from it, so what it says is tried out on the node that
 * serves it; and the client that Effect derives from the same definition speaks with that node.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "../../../src/api/Api.ts"
import { defaults, Limits } from "../../../src/api/Limits.ts"
import type { AcquireAlone, AcquireInSession } from "../../../src/api/Locks.ts"
import { LockHeld, NoLeader, problems } from "../../../src/api/Problems.ts"
import { holder, knownSession, outcomes } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { json, post, send } from "./RawHttp.ts"

interface PropertySchema {
  readonly description?: string
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly enum?: ReadonlyArray<unknown>
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, PropertySchema>>
  readonly required?: ReadonlyArray<string>
}

interface Operation {
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly description?: string }>
  readonly responses: Readonly<Record<string, object>>
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, ObjectSchema>> }
}

const readDescription = Effect.gen(function*() {
  const answer = yield* send(yield* HttpTestServer.port, { target: "/openapi.json" })
  return json(answer) as unknown as Description
})

const server = HttpTestServer.layer()
const live = { excludeTestServices: true }

const acquire = (fields: object) => post("/v1/locks/a/acquire", fields)

layer(server, live)("The description", (it) => {
  it.effect("lists every operation with every status that it can answer", () =>
    Effect.gen(function*() {
      const { paths } = yield* readDescription
      const operations = Object.entries(paths).flatMap(([path, operations]) =>
        Object.entries(operations).map(([method, { responses }]) =>
          `${method.toUpperCase()} ${path} ${Object.keys(responses).join(" ")}`
        )
      )
      assert.deepStrictEqual(operations, [
        "POST /v1/sessions 201 400 403 413 415 429 500 503 504",
        "GET /v1/sessions 200 400 429 500 503",
        "POST /v1/sessions/{session}/renew 200 400 403 404 429 500 503 504",
        "DELETE /v1/sessions/{session} 204 400 403 429 500 503 504",
        "POST /v1/locks/{name}/acquire 200 400 403 404 409 413 415 429 500 503 504",
        "POST /v1/locks/{name}/release 200 400 403 409 413 415 429 500 503 504",
        "POST /v1/locks/{name}/check 200 400 403 413 415 429 500 503",
        "GET /v1/locks/{name} 200 400 429 500 503",
        "GET /v1/locks/{name}/explain 200 400 429 500 503",
        "GET /v1/locks/{name}/history 200 400 429 500 503",
        "GET /v1/locks 200 400 429 500 503",
        "GET /v1/events 200 400 429 500",
        "GET /cluster/status 200 400 500",
        "GET /cluster/view 200 400 500",
        "GET /cluster/overview 200 400 500",
        "GET /cluster/members 200 400 500",
        "POST /cluster/members 202 400 403 409 413 415 429 500 503 504",
        "DELETE /cluster/members/{id} 200 400 403 404 409 429 500 503 504",
        "POST /cluster/leader/transfer 200 400 403 404 409 413 415 429 500 503 504",
        "POST /cluster/snapshot 200 400 403 500",
        "GET /cluster/snapshot 200 400 500",
        "GET /healthz 200 500",
        "GET /readyz 200 500 503",
        "GET /metrics 200 500"
      ])
    }))

  it.effect("says of every field and every parameter what it means", () =>
    Effect.gen(function*() {
      const { components: { schemas }, paths } = yield* readDescription
      const fields = Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
        Object.entries(properties).map(([field, { description }]) => [`${name}.${field}`, description] as const)
      )
      const parameters = Object.entries(paths).flatMap(([path, operations]) =>
        Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
          parameters.map(({ description, name }) => [`${method} ${path} ${name}`, description] as const)
        )
      )
      assert.isAbove(Math.min(fields.length, parameters.length), 10)
      const isSaid = (description = "") => /^[A-Z`].{10,}\.$/.test(description) && !description.includes("undefined")
      const unsaid = [...fields, ...parameters].filter(([, description]) => !isSaid(description)).map(([where]) =>
        where
      )
      assert.deepStrictEqual(unsaid, [])
    }))

  it.effect("says of a field that is sent what it must be, as a refusal does", () =>
    Effect.gen(function*() {
      const { components: { schemas } } = yield* readDescription
      const refused = json(yield* send(yield* HttpTestServer.port, post("/v1/sessions", { ttlMs: 1 })))
      const words = (schema: string, field: string) => schemas[schema]?.properties?.[field]?.description ?? ""
      const [mustBe = "?"] = /must be .*/.exec(String(refused["detail"])) ?? []
      assert.include(words("OpenSession", "ttlMs"), mustBe)
      assert.include(words("AcquireInSession", "session"), "must be a session id, as a string.")
      const free = [["AcquireInSession", "ttlMs"], ["AcquireAlone", "session"], ["Grant", "ttlMs"]] as const
      for (const [schema, field] of free) assert.notInclude(words(schema, field), "must be")
      assert.include(words("Lock", "lastToken"), "A lock that nobody holds or waits for is forgotten, and this is null")
    }))

  it.effect("has the problems by name, and each leads to a page", () =>
    Effect.gen(function*() {
      const { components: { schemas } } = yield* readDescription
      const port = yield* HttpTestServer.port
      const types = Object.values(schemas).flatMap(({ properties }) => properties?.["type"]?.enum ?? [])
      // What no operation answers is met at the gate: methods that are none.
      const atTheGate = ["/problems/method-not-allowed"]
      assert.sameMembers([...types, ...atTheGate], Object.keys(problems).map((slug) => `/problems/${slug}`))
      for (const type of types) assert.strictEqual((yield* send(port, { target: String(type) })).status, 200)
      assert.includeMembers(Object.keys(schemas["LockHeld"]?.properties ?? {}), ["holders", "queueLength"])
    }))
})

layer(server, live)("The description", (it) => {
  it.effect("states limits that hold: at them a request is taken, and one beyond it is refused", () =>
    Effect.gen(function*() {
      const { components: { schemas } } = yield* readDescription
      const port = yield* HttpTestServer.port
      const statusOf = (field: string, value: unknown) =>
        Effect.map(send(port, acquire({ ttlMs: 5000, [field]: value })), ({ status }) => `${field} ${status}`)
      const waitsAtItsLimit = (field: string) => field === "waitMs"
      for (
        const [field, { maxLength, maximum, minimum }] of Object.entries(schemas["AcquireAlone"]?.properties ?? {})
      ) {
        if (minimum !== undefined && maximum !== undefined) {
          assert.strictEqual(yield* statusOf(field, minimum), `${field} 200`)
          if (!waitsAtItsLimit(field)) assert.strictEqual(yield* statusOf(field, maximum), `${field} 200`)
          assert.strictEqual(yield* statusOf(field, minimum - 1), `${field} 400`)
          assert.strictEqual(yield* statusOf(field, maximum + 1), `${field} 400`)
        }
        if (maxLength !== undefined) {
          assert.strictEqual(yield* statusOf(field, "x".repeat(maxLength)), `${field} 200`)
          assert.strictEqual(yield* statusOf(field, "x".repeat(maxLength + 1)), `${field} 400`)
        }
      }
      assert.deepStrictEqual(schemas["AcquireAlone"]?.required, ["ttlMs"])
      assert.deepStrictEqual(schemas["AcquireInSession"]?.required, ["session"])
    }))

  it.effect("shows numbers of a query and a header as numbers", () =>
    Effect.gen(function*() {
      const text = JSON.stringify(yield* readDescription)
      const { pageLengthDefault, pageLengthMax } = defaults
      assert.include(text, `"minimum":1,"maximum":${pageLengthMax},"default":${pageLengthDefault}`)
      assert.include(text, `"retry-after":{"schema":{"type":"integer","minimum":0`)
      assert.notInclude(text, "pattern")
      assert.notInclude(text, "Encoded\"")
    }))
})

describe("The limits in force", () => {
  const limits = { ...defaults, ttlMillisMax: 2000, nameBytesMax: 4, bodyBytesMax: 100, pageLengthDefault: 5 }
  const limited = HttpTestServer.layer().pipe(Layer.provide(Layer.succeed(Limits, limits)))

  it.live("are those that are checked, said and described", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const tooLong = json(yield* send(port, acquire({ ttlMs: 2001 })))
      assert.strictEqual(tooLong["detail"], "`ttlMs` must be a whole number from 1,000 to 2,000 (milliseconds).")
      const badName = json(yield* send(port, { target: "/v1/locks/12345" }))
      assert.include(badName["detail"], "1 to 4 bytes")
      const tooLarge = yield* send(port, acquire({ ttlMs: 2000, value: "x".repeat(100) }))
      assert.include(json(tooLarge)["detail"], "100 bytes")
      const { components: { schemas } } = yield* readDescription
      assert.strictEqual(schemas["OpenSession"]?.properties?.["ttlMs"]?.maximum, 2000)
    }).pipe(Effect.provide(limited)))
})

const plain = { owner: "", mode: "exclusive", permits: 1, waitMs: 0, lockDelayMs: 0 } as const

layer(server, live)("A client derived from the definition", (it) => {
  const makeClient = Effect.gen(function*() {
    return yield* HttpApiClient.make(Api, { baseUrl: `http://127.0.0.1:${yield* HttpTestServer.port}` })
  }).pipe(Effect.provide(FetchHttpClient.layer))

  it.effect("makes a session, acquires in it, and releases", () =>
    Effect.gen(function*() {
      const client = yield* makeClient
      const { session } = yield* client.sessions.open({ payload: { ttlMs: 5000, label: "test" } })
      assert.strictEqual(String(session), "<redacted>")
      const params = { name: "jobs/🔒 %" }
      const payload: AcquireInSession = { session, ...plain }
      const grant = yield* client.locks.acquire({ params, payload })
      assert.strictEqual(grant.name, params.name)
      assert.strictEqual(Redacted.value(grant.session), knownSession)
      const released = yield* client.locks.release({ params, payload: { session, token: grant.token } })
      assert.deepStrictEqual(released, { released: true })
      assert.deepStrictEqual(yield* client.sessions.renew({ params: { session } }), {
        ttlMs: 10_000,
        expiresInMs: 10_000
      })
    }))

  it.effect("gets problems back as the errors that they are", () =>
    Effect.gen(function*() {
      const client = yield* makeClient
      const query = { consistency: "stale" } as const
      const noLeader = yield* Effect.flip(client.locks.get({ params: { name: "no-leader" }, query }))
      assert.deepEqual(noLeader, outcomes["no-leader"])
      assert.instanceOf(noLeader, NoLeader)
      const alone: AcquireAlone = { ttlMs: 5000, label: "", ...plain }
      const held = yield* Effect.flip(client.locks.acquire({ params: { name: "lock-held" }, payload: alone }))
      assert.instanceOf(held, LockHeld)
      assert.deepStrictEqual((held as LockHeld).holders, [holder])
    }))

  it.effect("goes on where a page ended", () =>
    Effect.gen(function*() {
      const client = yield* makeClient
      const query = { limit: 2, consistency: "linearizable" } as const
      const locks = yield* client.locks.list({ query })
      assert.strictEqual(locks.cursor, "é/b")
      yield* client.locks.list({ query: { ...query, cursor: "é/b" } })
      const sessions = yield* client.sessions.list({ query })
      assert.strictEqual(sessions.cursor, 41)
    }))
})
