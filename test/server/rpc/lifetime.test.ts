/**
 * How the port of client RPC comes and goes: a start that cannot be is said in words, and a stop lets requests finish
 * and ends in bounded time, whatever the clients do.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { AdminClient } from "../../../src/client/AdminClient.ts"
import { until } from "../http/RawHttp.ts"
import { open, openAsClient } from "./RawRpc.ts"
import * as RpcTestServer from "./RpcTestServer.ts"

/** A server of its own scope, a client of it, and how long its stop takes. */
const start = Effect.fnUntraced(function*(options: RpcTestServer.Options) {
  const scope = yield* Scope.make()
  const server = yield* Layer.buildWithScope(RpcTestServer.layer(options), scope)
  const port = yield* Effect.provide(RpcTestServer.port, server)
  const client = yield* Layer.build(AdminClient.layer([{ host: "127.0.0.1", port }]))
  const stop = Effect.map(Effect.timed(Scope.close(scope, Exit.void)), ([took]) => Duration.toMillis(took))
  return { port, stop, admin: Context.get(client, AdminClient) }
})

describe("A node that stops", () => {
  it.live("is gone at once when nobody asks for anything", () =>
    Effect.gen(function*() {
      const { admin, port, stop } = yield* start({})
      const idle = yield* open(port)
      assert.isBelow(yield* stop, 1000)
      yield* until(idle.isEnded)
      assert.strictEqual((yield* Effect.flip(admin.members))._tag, "NodeLost")
    }))

  it.live("lets a request on its way finish", () =>
    Effect.gen(function*() {
      let begun = false
      const takeSnapshot = Effect.sync(() => {
        begun = true
      }).pipe(Effect.andThen(Effect.sleep("200 millis")), Effect.as({ index: 3, bytes: 4 }))
      const { admin, stop } = yield* start({ admin: { takeSnapshot } })
      const asked = yield* Effect.forkChild(admin.takeSnapshot)
      yield* until(() => begun)
      assert.isBelow(yield* stop, 1500)
      assert.deepStrictEqual(yield* Fiber.join(asked), { index: 3, bytes: 4 })
    }))

  it.live("does not wait longer than it may for one that does not finish", () =>
    Effect.gen(function*() {
      let begun = false
      const transferLeadership = () => Effect.andThen(Effect.sync(() => void (begun = true)), Effect.never)
      const { admin, stop } = yield* start({ letGoMillisMax: 200, admin: { transferLeadership } })
      const asked = yield* Effect.forkChild(Effect.flip(admin.transferLeadership(null)))
      yield* until(() => begun)
      const tookMillis = yield* stop
      // Node's timers go by whole milliseconds of their own.
      assert.isAtLeast(tookMillis, 199)
      assert.isBelow(tookMillis, 1500)
      assert.strictEqual((yield* Fiber.join(asked))._tag, "OutcomeUnknown")
    }))

  it.live("does not wait for a client that does not read what it asked for", () =>
    Effect.gen(function*() {
      const piece = new Uint8Array(256 * 1024)
      const downloadSnapshot = Effect.succeed(Stream.forever(Stream.make(piece)))
      const { port, stop } = yield* start({ letGoMillisMax: 200, admin: { downloadSnapshot } })
      const deaf = yield* openAsClient(port)
      deaf.socket.pause()
      deaf.ask(...Array.from({ length: 40 }, () => "downloadSnapshot"))
      yield* Effect.sleep("200 millis")
      assert.isBelow(yield* stop, 1500)
      yield* until(() => deaf.socket.resume().destroyed)
    }))
})

describe("A node that starts", () => {
  it.live("says that its port is in use, and what to do", () =>
    Effect.gen(function*() {
      const port = yield* RpcTestServer.port
      const error = yield* Effect.flip(Effect.scoped(Layer.build(RpcTestServer.layer({ port }))))
      assert.strictEqual(error._tag, "CannotListen")
      assert.include(error.message, `Cannot serve RPC on 127.0.0.1:${port}: port ${port} is in use.`)
    }).pipe(Effect.provide(RpcTestServer.layer())))
})
