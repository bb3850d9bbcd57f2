/**
 * Operations as HTTP requests: what is sent, and what is not told to whoever traces the program.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { SessionId } from "../../src/api/Fields.ts"
import { makeApiClient, outcomeOf, problemOf } from "../../src/client/transport/HttpOperations.ts"
import { makeRecording } from "../tracing/Recording.ts"

describe("An operation over HTTP", () => {
  it.effect("puts the id of its session into no span", () =>
    Effect.gen(function*() {
      const sent: Array<string> = []
      const answer: typeof fetch = (url) => {
        sent.push(String(url))
        return Promise.resolve(new Response("{\"ttlMs\":1000,\"expiresInMs\":1000}", jsonHeaders))
      }
      const { spans, tracer } = makeRecording()
      const session = Redacted.make("a-session-to-be-kept-secret") as SessionId
      yield* Effect.gen(function*() {
        const client = yield* makeApiClient("http://127.0.0.1:8081")
        const renewal = { _tag: "RenewSession", id: 1 } as const
        yield* outcomeOf(client, { session, operations: [renewal] }, renewal)
      }).pipe(
        Effect.withSpan("the program's own"),
        Effect.provideService(FetchHttpClient.Fetch, answer),
        Effect.withTracer(tracer)
      )
      assert.deepStrictEqual(sent, ["http://127.0.0.1:8081/v1/sessions/a-session-to-be-kept-secret/renew"])
      assert.isNotEmpty(spans)
      const told = spans.map(({ attributes, name }) => [name, ...attributes].join())
      assert.notInclude(told.join(), "secret")
    }))
})

describe("An answer that is none of Holdfast's", () => {
  it.effect("says no to the request only where it says that it always will", () =>
    Effect.gen(function*() {
      const session = Redacted.make("a-session") as SessionId
      const release = { _tag: "Release", id: 1, seq: 1, lock: "a", owner: "me", token: 1 } as const
      const problems: Array<string> = []
      for (const status of [400, 403, 404, 408, 425, 429, 500, 502, 503]) {
        const answer = () =>
          Promise.resolve(new Response("<html>", { status, headers: { "content-type": "text/html" } }))
        const client = yield* makeApiClient("http://127.0.0.1:8081").pipe(
          Effect.provideService(FetchHttpClient.Fetch, answer as typeof fetch)
        )
        const error = yield* outcomeOf(client, { session, operations: [release] }, release).pipe(
          Effect.flip,
          Effect.provideService(FetchHttpClient.Fetch, answer as typeof fetch)
        )
        const problem = problemOf(error)
        problems.push(`${status} ${problem?._tag ?? "may be asked again"}`)
      }
      assert.deepStrictEqual(problems, [
        "400 InvalidRequest",
        "403 InvalidRequest",
        "404 InvalidRequest",
        "408 may be asked again",
        "425 may be asked again",
        "429 may be asked again",
        "500 may be asked again",
        "502 may be asked again",
        "503 may be asked again"
      ])
    }))
})

const jsonHeaders = { headers: { "content-type": "application/json" } }
