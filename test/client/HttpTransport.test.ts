/**
 * A link over HTTP: when it has ended, and when only a request on it has.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { SessionId } from "../../src/api/Fields.ts"
import { ClientTransport } from "../../src/client/transport/ClientTransport.ts"
import * as HttpTransport from "../../src/client/transport/HttpTransport.ts"
import { statusOfNobody } from "./HttpCluster.ts"

const status = JSON.stringify({ ...statusOfNobody, state: "LEADER" })

const turns = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))

describe("A link over HTTP", () => {
  it.live("lives on when a wait breaks that was asked for again since, and ends with the latest", () =>
    Effect.gen(function*() {
      const breakWait: Array<() => void> = []
      const fetch = (input: unknown) =>
        String(input).includes("acquire")
          ? new Promise<Response>((_, reject) => breakWait.push(() => reject(new TypeError("fetch failed"))))
          : Promise.resolve(new Response(status, { headers: { "content-type": "application/json" } }))
      yield* Effect.gen(function*() {
        const { connect } = yield* ClientTransport
        const { ended, send } = yield* connect("http://node", () => {})
        const end = yield* Effect.forkChild(Effect.flip(ended))
        const session = SessionId.make(Redacted.make("-".repeat(22)))
        const ask = (id: number, lock: string) =>
          send([{ session, operations: [{ _tag: "Acquire", id, seq: 1, lock, owner: "me", waitMs: 1000 }] }])
        yield* ask(1, "a")
        yield* ask(2, "a")
        yield* turns
        breakWait[0]!()
        yield* turns
        assert.isUndefined(end.pollUnsafe())
        breakWait[1]!()
        assert.strictEqual((yield* Fiber.join(end)).why, "ended the connection")
      }).pipe(
        Effect.scoped,
        Effect.provide(HttpTransport.layer(["http://node"])),
        Effect.provide(Layer.succeed(FetchHttpClient.Fetch, fetch as typeof globalThis.fetch))
      )
    }))
})
