/**
 * Waiting over HTTP: a client that hangs up leaves the queue, and takes along nobody else.
 * All of it on real sockets, and no test waits for a time to pass: each waits for what must happen.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Socket } from "node:net"
import { makeRecorder } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { encode, exchange, open, post, send, until } from "./RawHttp.ts"

const waiting = post("/v1/locks/a/acquire", { ttlMs: 5000, waitMs: 3_600_000 })
const granted = post("/v1/locks/a/acquire", { ttlMs: 5000 })

const ways: ReadonlyArray<readonly [way: string, hangUp: (socket: Socket) => unknown]> = [
  ["by closing", (socket) => socket.destroy()],
  ["by a reset", (socket) => socket.resetAndDestroy()],
  ["by ending what it sends", (socket) => socket.end()]
]

const recorder = makeRecorder()
const server = HttpTestServer.layer({ recorder })
const live = { excludeTestServices: true }

layer(server, live)("A client that hangs up", (it) => {
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

  // Java's own client offers HTTP/2 with its first request on a connection, and goes on in HTTP/1.1.
  it.effect.each(["h2c", "websocket"])(
    "leaves the queue also when it had offered to speak %s",
    (protocol) =>
      Effect.gen(function*() {
        const before = recorder.withdrawn
        const socket = yield* open(yield* HttpTestServer.port)
        socket.write(encode({ ...waiting, headers: { ...waiting.headers, connection: "Upgrade", upgrade: protocol } }))
        yield* until(() => recorder.waiting === 1)
        socket.destroy()
        yield* until(() => recorder.waiting === 0)
        assert.strictEqual(recorder.withdrawn, before + 1)
      })
  )

  // By `Expect` a request reaches the server in another way.
  it.effect.each([{}, { expect: "100-continue" }])(
    "leaves with all the acquires that stood in line (%o)",
    (expects) =>
      Effect.gen(function*() {
        const before = recorder.withdrawn
        const socket = yield* open(yield* HttpTestServer.port)
        const expecting = { ...waiting, headers: { ...waiting.headers, ...expects } }
        socket.write(Buffer.concat(Array.from({ length: 20 }, () => encode(expecting))))
        yield* until(() => recorder.waiting === 20)
        socket.destroy()
        yield* until(() => recorder.waiting === 0)
        assert.strictEqual(recorder.withdrawn, before + 20)
      })
  )

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
})

layer(server, live)("A client that does not wait", (it) => {
  it.effect("and hangs up in the middle of its body has asked for nothing", () =>
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

  it.effect("and hangs up after its answer leaves nothing", () =>
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

  it.effect("may keep its connection when it had offered another protocol", () =>
    Effect.gen(function*() {
      const socket = yield* open(yield* HttpTestServer.port)
      let received = ""
      socket.setEncoding("utf8").on("data", (chunk) => {
        received += chunk
      })
      const answered = () => received.split("HTTP/1.1 200 OK").length - 1
      socket.write(encode({ ...granted, headers: { ...granted.headers, connection: "Upgrade", upgrade: "h2c" } }))
      yield* until(() => answered() === 1)
      socket.write(encode({ target: "/healthz", headers: { connection: "close" } }))
      yield* until(() => socket.closed)
      assert.strictEqual(answered(), 2)
    }))
})
