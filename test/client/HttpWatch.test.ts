/**
 * A watch over HTTP: it goes on at another node when its own falls silent without an end, and gives up only while no
 * node has ever answered.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { ClientTransport } from "../../src/client/transport/ClientTransport.ts"
import * as HttpTransport from "../../src/client/transport/HttpTransport.ts"
import { statusOfNobody } from "./HttpCluster.ts"

const encoder = new TextEncoder()

type Say = ReadableStreamDefaultController<Uint8Array>

const at = (say: Say, id: string) => say.enqueue(encoder.encode(`id: ${id}\nevent: at\ndata: {}\n\n`))

/** Nodes that stream what a test says on each of their connections; those that are down refuse all. */
const makeNodes = (hosts: ReadonlyArray<string>) => {
  const down = new Set<string>()
  const streams: Array<{ readonly host: string; readonly after: string | null; readonly say: Say }> = []
  const answer = (input: unknown, init?: RequestInit): Promise<Response> => {
    const { hostname: host, pathname } = new URL(String(input))
    if (down.has(host)) return Promise.reject(new TypeError("fetch failed"))
    if (!pathname.includes("events")) {
      const headers = { "content-type": "application/json" }
      return Promise.resolve(new Response(JSON.stringify({ ...statusOfNobody, state: "LEADER" }), { headers }))
    }
    const after = new Headers(init?.headers).get("last-event-id")
    const body = new ReadableStream<Uint8Array>({ start: (say) => void streams.push({ host, after, say }) })
    init?.signal?.addEventListener("abort", () => streams.at(-1)!.say.error(new TypeError("aborted")))
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }))
  }
  const watch = Stream.unwrap(Effect.map(ClientTransport, (transport) => transport.watch(""))).pipe(
    Stream.provide(HttpTransport.layer(hosts.map((host) => `http://${host}`))),
    Stream.provide(Layer.succeed(FetchHttpClient.Fetch, answer as typeof fetch))
  )
  return { down, streams, watch }
}

/** Promises settle. */
const turns = Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))))

const pass = (millis: number) =>
  Effect.replicateEffect(Effect.andThen(TestClock.adjust(500), turns), millis / 500, { discard: true })

describe("A watch over HTTP", () => {
  it.effect("leaves a node that says nothing any more, and goes on behind what it has heard", () =>
    Effect.gen(function*() {
      const { streams, watch } = makeNodes(["one", "two"])
      const heard: Array<string> = []
      const hear = Stream.runForEach(watch, ({ id }) => Effect.sync(() => void heard.push(id)))
      const watching = yield* Effect.forkChild(hear, { startImmediately: true })
      yield* pass(500)
      at(streams[0]!.say, "1.0")
      yield* pass(15_000)
      at(streams[0]!.say, "2.0")
      yield* pass(29_000)
      assert.lengthOf(streams, 1)
      yield* pass(2000)
      assert.deepStrictEqual(streams.map(({ after, host }) => [host, after]), [["one", null], ["two", "2.0"]])
      at(streams[1]!.say, "3.0")
      yield* pass(500)
      assert.deepStrictEqual(heard, ["1.0", "2.0", "3.0"])
      yield* Fiber.interrupt(watching)
    }))

  it.effect("gives up when no node answers at the start, and never after that", () =>
    Effect.gen(function*() {
      const { down, streams, watch } = makeNodes(["one", "two"])
      down.add("one").add("two")
      const error = yield* Effect.flip(Stream.runDrain(watch))
      assert.match(error.message, /^no node answers at http:\/\/one \(.*\), http:\/\/two \(/)
      down.clear()
      const watching = yield* Effect.forkChild(Stream.runDrain(watch), { startImmediately: true })
      yield* pass(500)
      // It has answered, and said no word in its stream.
      streams[0]!.say.close()
      down.add("one").add("two")
      yield* pass(5000)
      assert.isUndefined(watching.pollUnsafe())
      down.clear()
      yield* pass(2000)
      assert.lengthOf(streams, 2)
      yield* Fiber.interrupt(watching)
    }))
})
