/**
 * Every way in which an operation can fail, as its caller sees it: RFC 9457 problems with the fields that say what a
 * program needs to know, and a page for people behind each `type`.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer, Logger, Schema } from "effect"
import { problems, type Slug } from "../../../src/api/Problems.ts"
import { holder, knownSession, outcomes } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { type Answer, json, post, type Request, send } from "./RawHttp.ts"

const session = knownSession
const acquire = (name: string) => post(`/v1/locks/${name}/acquire`, { session })
const release = (name: string) => post(`/v1/locks/${name}/release`, { session, token: 7 })

const assertProblem = (answer: Answer, slug: Slug) => {
  assert.strictEqual(answer.headers["content-type"], "application/problem+json", answer.body)
  const { detail, status, title, type } = json(answer)
  assert.deepStrictEqual({ type, status, title }, { type: `/problems/${slug}`, ...problems[slug] })
  assert.strictEqual(answer.status, problems[slug].status)
  assert.isNotEmpty(detail)
}

/** The operation that can fail so, and what the problem says besides type, title, status and detail. */
const failures: ReadonlyArray<readonly [slug: keyof typeof outcomes, request: Request, fields: object]> = [
  ["lock-held", acquire("lock-held"), { holders: [holder], queueLength: 2, lockDelayLeftMs: 0 }],
  ["wait-timeout", acquire("wait-timeout"), {}],
  ["mode-conflict", acquire("mode-conflict"), { mode: "shared", permits: 1 }],
  ["not-holder", release("not-holder"), {}],
  ["request-stale", acquire("request-stale"), {}],
  ["request-stale", release("request-stale"), {}],
  ["session-expired", acquire("session-expired"), {}],
  ["overloaded", acquire("overloaded"), { retryAfterMs: 2500 }],
  ["overloaded", { target: "/v1/locks/overloaded" }, { retryAfterMs: 2500 }],
  ["no-leader", release("no-leader"), { retryAfterMs: 1000 }],
  ["no-leader", post("/v1/locks/no-leader/check", { token: 7 }), { retryAfterMs: 1000 }],
  ["outcome-unknown", acquire("outcome-unknown"), {}],
  ["outcome-unknown", release("outcome-unknown"), {}]
]

const quietServer = HttpTestServer.layer().pipe(Layer.provide(Logger.layer([])))

layer(quietServer, { excludeTestServices: true })("Problems", (it) => {
  describe("carry what a program needs to know", () => {
    it.effect.each(failures)("%s", ([slug, request, fields]) =>
      Effect.gen(function*() {
        const answer = yield* send(yield* HttpTestServer.port, request)
        assertProblem(answer, slug)
        const { detail: _, ...said } = json(answer)
        assert.deepStrictEqual(said, { type: `/problems/${slug}`, ...problems[slug], ...fields })
      }))
  })

  it.effect("say in whole seconds, rounded up, when to try again", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      assert.strictEqual((yield* send(port, acquire("overloaded"))).headers["retry-after"], "3")
      assert.strictEqual((yield* send(port, acquire("no-leader"))).headers["retry-after"], "1")
      assert.notProperty((yield* send(port, acquire("outcome-unknown"))).headers, "retry-after")
    }))

  it.effect("tell nothing of a defect but that it was one", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const answer = yield* send(port, acquire("defect"))
      assertProblem(answer, "internal-error")
      assert.notInclude(answer.body, "fake")
      assertProblem(yield* send(port, acquire("half")), "internal-error")
    }))

  it.effect("survive the way back into the errors that they were", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      for (const [slug, request] of failures) {
        const error = outcomes[slug]
        const codec = Schema.toCodecJson(error.constructor as unknown as Schema.Codec<typeof error>)
        const decoded = yield* Schema.decodeUnknownEffect(codec)(json(yield* send(port, request)))
        assert.deepEqual(decoded, error)
        assert.strictEqual(decoded._tag, error._tag)
      }
    }))

  describe("have a page each", () => {
    it.effect.each(Object.keys(problems) as Array<Slug>)("%s", (slug) =>
      Effect.gen(function*() {
        const page = yield* send(yield* HttpTestServer.port, { target: `/problems/${slug}` })
        assert.strictEqual(page.status, 200)
        assert.strictEqual(page.headers["content-type"], "text/html; charset=utf-8")
        assert.include(page.headers["content-security-policy"], "default-src 'none'")
        for (const part of [problems[slug].title, slug, "What it means", "What to do"]) assert.include(page.body, part)
        assert.notInclude(page.body, "undefined")
      }))

    it.effect.each(["nope", "toString", "__proto__", "%ff", ""])(
      "and there is none for %s",
      (slug) =>
        Effect.gen(function*() {
          assertProblem(yield* send(yield* HttpTestServer.port, { target: `/problems/${slug}` }), "not-found")
        })
    )
  })
})
