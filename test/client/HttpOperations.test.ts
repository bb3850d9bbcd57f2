/**
 * Operations as HTTP requests: what is sent, and what is not told to whoever traces the program.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { SessionId } from "../../src/api/Fields.ts"
import { makeApiClient, outcomeOf } from "../../src/client/transport/HttpOperations.ts"
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

const jsonHeaders = { headers: { "content-type": "application/json" } }
