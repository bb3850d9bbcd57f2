/**
 * Waiting over HTTP: a client that hangs up leaves the queue, and a node that stops keeps nobody waiting.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import { HttpServer } from "effect/http"
import { connect, type Socket } from "node:net"
import { makeRecorder } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { encode, exchange, json, open, parse, post, send } from "./RawHttp.ts"

const waiting = post("/v1/locks/a/acquire", { ttlMs: 5000, waitMs: 3_600_000 })
const granted = post("/v1/locks/a/acquire", { ttlMs: 5000 })

/** Until it is so; a test that waits for ever fails by its timeout. */
const until = (isSo: () => boolean) =>
  Effect.sync(isSo).pipe(Effect.repeat({ until: (so) => so, schedule: Schedule.spaced("2 millis") }))

const recorder = makeRecorder()

layer(HttpTestServer.layer({ recorder }), { excludeTestServices: true })("A client that hangs up", (it) => {
  const ways: ReadonlyArray<readonly [way: string, hangUp: (socket: Socket) => unknown]> = [
    ["by closing", (socket) => socket.destroy()],
    ["by a reset", (socket) => socket.resetAndDestroy()],
    ["by ending what it sends", (socket) => socket.end()]
  ]

  it.effect.each(ways)("%s leaves the queue", ([, hangUp]) =>
    Effect.gen(function*() {
      const before = recorder.withdrawn
      const socket = yield* open(yield* HttpTestServer.port)
      socket.write(encode(waiting))
      yield* until(() => recorder.waiting === 1)
      assert.strictEqual(recorder.withdrawn, before)
      hangUp(socket)
      yield* until(() => recorder.waiting === 0)
      assert.strictEqual(recorder.withdrawn, before + 1)
    }))

  it.effect("leaves with all the acquires that stood in line on its connection", () =>
    Effect.gen(function*() {
      const before = recorder.withdrawn
      const socket = yield* open(yield* HttpTestServer.port)
      socket.write(Buffer.concat(Array.from({ length: 20 }, () => encode(waiting))))
      yield* until(() => recorder.waiting === 20)
      socket.destroy()
      yield* until(() => recorder.waiting === 0)
      assert.strictEqual(recorder.withdrawn, before + 20)
    }))

  it.effect("takes nobody else along", () =>
    Effect.gen(function*() {
      const before = recorder.withdrawn
      const port = yield* HttpTestServer.port
      const [one, other] = yield* Effect.all([open(port), open(port)])
      one.write(encode(waiting))
      other.write(encode(waiting))
      yield* until(() => recorder.waiting === 2)
      one.destroy()
      yield* until(() => recorder.waiting === 1)
      assert.strictEqual((yield* send(port, granted)).status, 200)
      assert.deepStrictEqual([recorder.waiting, recorder.withdrawn], [1, before + 1])
    }))

  it.effect("in the middle of its body has asked for nothing", () =>
    Effect.gen(function*() {
      const calls = recorder.calls.length
      const port = yield* HttpTestServer.port
      const socket = yield* open(port)
      socket.write(encode(waiting).subarray(0, -3))
      yield* Effect.sleep("20 millis")
      socket.destroy()
      assert.strictEqual((yield* send(port, granted)).status, 200)
      assert.strictEqual(recorder.calls.length, calls + 1)
    }))

  it.effect("after its answer has hung up on nothing", () =>
    Effect.gen(function*() {
      const before = recorder.withdrawn
      const port = yield* HttpTestServer.port
      yield* send(port, granted)
      yield* send(port, { target: "/healthz" })
      assert.strictEqual(recorder.withdrawn, before)
    }))

  it.effect("may keep its connection for the next request", () =>
    Effect.gen(function*() {
      const two = Buffer.concat([
        encode({ target: "/healthz" }),
        encode({ target: "/healthz", headers: { connection: "close" } })
      ])
      const received = yield* exchange(yield* HttpTestServer.port, two)
      assert.strictEqual(received.split("HTTP/1.1 200 OK").length - 1, 2)
    }))
})

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

  it.live("does not wait longer than it may for what does not end by itself, and answers that too", () =>
    Effect.gen(function*() {
      const { answer, recorder, tookMillis } = yield* stop({ stubborn: true, letGoMillisMax: 200 })
      assert.strictEqual(answer.status, 504)
      assert.include(json(answer)["detail"], "stopping")
      assert.isAtLeast(tookMillis, 200)
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
      assert.strictEqual(error._tag, "CannotListen")
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
