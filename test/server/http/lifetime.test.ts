/**
 * How the HTTP server comes and goes.
 *
 * What stands in the way of a start is said in words, and a stop answers whoever waits and ends in bounded time.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import { HttpServer } from "effect/http"
import { connect } from "node:net"
import { CannotListen } from "../../../src/server/CannotListen.ts"
import { makeRecorder } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { encode, exchange, json, open, parse, post, send, until } from "./RawHttp.ts"

const waiting = post("/v1/locks/a/acquire", { ttlMs: 5000, waitMs: 3_600_000 })

describe("A node that stops", () => {
  /** A server with one idle connection, one waiting acquire, and what a stop does to them. */
  const stop = (options: HttpTestServer.Options) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const recorder = makeRecorder()
      const server = yield* Layer.buildWithScope(HttpTestServer.layer({ ...options, recorder }), scope)
      const port = yield* Effect.provide(HttpTestServer.port, server)
      const idle = yield* open(port)
      idle.write(encode({ target: "/healthz" }))
      yield* until(() => idle.bytesRead > 0)
      const waiter = yield* Effect.forkChild(exchange(port, encode(waiting)))
      yield* until(() => recorder.waiting === 1)
      const [took] = yield* Effect.timed(Scope.close(scope, Exit.void))
      return { answer: parse(yield* Fiber.join(waiter)), port, recorder, tookMillis: Duration.toMillis(took) }
    })

  it.live("answers at once whoever waits, and is gone", () =>
    Effect.gen(function*() {
      const { answer, port, recorder, tookMillis } = yield* stop({})
      assert.strictEqual(answer.status, 504)
      assert.strictEqual(json(answer)["type"], "/problems/outcome-unknown")
      assert.isBelow(tookMillis, 1000)
      assert.strictEqual(recorder.waiting, 0)
      assert.strictEqual(yield* refusal(port), "ECONNREFUSED")
    }))

  it.live("lets a request on its way finish, and its connection go with it", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const recorder = makeRecorder()
      const server = yield* Layer.buildWithScope(HttpTestServer.layer({ recorder }), scope)
      const port = yield* Effect.provide(HttpTestServer.port, server)
      const slow = yield* Effect.forkChild(exchange(port, encode(post("/v1/locks/slow/acquire", { ttlMs: 5000 }))))
      yield* until(() => recorder.calls.length === 1)
      const [took] = yield* Effect.timed(Scope.close(scope, Exit.void))
      assert.strictEqual(parse(yield* Fiber.join(slow)).status, 200)
      assert.isBelow(Duration.toMillis(took), 1000)
    }))

  it.live("does not wait longer than it may for what does not end by itself, and answers that too", () =>
    Effect.gen(function*() {
      const { answer, recorder, tookMillis } = yield* stop({ stubborn: true, letGoMillisMax: 200 })
      assert.strictEqual(answer.status, 504)
      assert.include(json(answer)["detail"], "stopping")
      // Node's timers go by whole milliseconds of their own.
      assert.isAtLeast(tookMillis, 199)
      assert.isBelow(tookMillis, 1500)
      assert.strictEqual(recorder.withdrawn, 1)
    }))
})

describe("A node that starts", () => {
  const start = (options: HttpTestServer.Options) => Effect.scoped(Layer.build(HttpTestServer.layer(options)))

  it.live("says that its port is in use, and what to do", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const error = yield* Effect.flip(start({ port }))
      assert.instanceOf(error, CannotListen)
      assert.include(error.message, `127.0.0.1:${port}`)
      assert.include(error.message, "in use")
      assert.include(error.message, "another port")
    }).pipe(Effect.provide(HttpTestServer.layer())))

  it.live("says that the address is not of this machine", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(start({ host: "192.0.2.1" }))
      assert.include(error.message, "this machine has no such address")
    }))

  it.live("serves on IPv6 as well", () =>
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      assert.strictEqual(address._tag, "InetAddressV6")
    }).pipe(Effect.provide(HttpTestServer.layer({ host: "::1" }))))

  it.live("takes no more connections than it may", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const first = yield* open(port)
      first.write(encode({ target: "/healthz" }))
      yield* until(() => first.bytesRead > 0)
      assert.strictEqual(yield* exchange(port, encode({ target: "/healthz" })), "")
      first.destroy()
      const answer = yield* Effect.repeat(send(port, { target: "/healthz" }), {
        until: ({ status }) => status === 200,
        schedule: Schedule.spaced("2 millis")
      })
      assert.strictEqual(answer.status, 200)
    }).pipe(Effect.provide(HttpTestServer.layer({ connectionsMax: 1 }))))
})

const refusal = (port: number) =>
  Effect.callback<string | undefined>((resume) => {
    connect({ port, host: "127.0.0.1" }, () => resume(Effect.succeed("connected")))
      .on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code)))
  })
