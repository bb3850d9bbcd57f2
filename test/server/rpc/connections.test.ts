/**
 * What the port of client RPC does with whoever is no client, or asks for more than there is: it ends that one
 * connection, and the next client is served.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer } from "effect"
import { framed } from "../../../src/api/rpc/Frames.ts"
import { conversationPreamble, mayConverse, preamble } from "../../../src/api/rpc/Wire.ts"
import { AdminClient } from "../../../src/client/AdminClient.ts"
import { until } from "../http/RawHttp.ts"
import { open, openAsClient } from "./RawRpc.ts"
import * as RpcTestServer from "./RpcTestServer.ts"

const live = { excludeTestServices: true }

const client = Effect.gen(function*() {
  const port = yield* RpcTestServer.port
  return Context.get(yield* Layer.build(AdminClient.layer([{ host: "127.0.0.1", port }])), AdminClient)
})

const assertServed = Effect.gen(function*() {
  const { leaderId } = yield* (yield* client).members
  assert.strictEqual(leaderId, "node2")
})

/** A frame whose length is said to be far more than any request's. */
const endless = Uint8Array.of(0xff, 0xff, 0xff, 0x7f, 1, 2, 3)

const strangers: ReadonlyArray<readonly [what: string, bytes: Uint8Array]> = [
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n")],
  ["a client of another version", Uint8Array.of(...preamble.subarray(0, 7), 99)],
  ["bytes that are no frame", Uint8Array.of(...preamble, ...Buffer.from("\x04nope"))],
  ["a frame without an end", Uint8Array.of(...preamble, ...endless)],
  ["a conversation without a batch", Uint8Array.of(...conversationPreamble, ...framed(Buffer.from("nope")))],
  ["a conversation without an end", Uint8Array.of(...conversationPreamble, 0xff, 0xff, 0xff, 0x7f)],
  ["bytes at random", Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251)]
]

layer(RpcTestServer.layer(), live)("The port", (it) => {
  it.effect.each(strangers)("ends the connection of %s, and that one alone", ([, bytes]) =>
    Effect.gen(function*() {
      const before = yield* client
      const stranger = yield* open(yield* RpcTestServer.port)
      stranger.socket.write(bytes)
      yield* until(stranger.isEnded)
      // Each side says first how it speaks, and a conversation goes on with who leads; a stranger hears no more.
      const heard = new Uint8Array(stranger.received())
      assert.deepEqual(heard.subarray(0, preamble.length), preamble)
      if (!mayConverse(bytes)) assert.lengthOf(heard, preamble.length)
      assert.strictEqual((yield* before.members).leaderId, "node2")
      yield* assertServed
    }))

  it.effect("answers a request that it does not know, and the ones beside it", () =>
    Effect.gen(function*() {
      const raw = yield* openAsClient(yield* RpcTestServer.port)
      raw.ask("inventedLater", "members")
      yield* until(() => raw.received().includes("node2"))
      assert.isTrue(raw.received().includes("Unknown request tag: inventedLater"))
      assert.isFalse(raw.isEnded())
    }))

  it.effect("serves a client that sends byte by byte", () =>
    Effect.gen(function*() {
      const raw = yield* open(yield* RpcTestServer.port)
      const { write } = raw.socket
      const sent: Array<Uint8Array> = []
      raw.socket.write = (bytes: Uint8Array) => sent.push(bytes) > 0
      raw.socket.write(preamble)
      raw.ask("members")
      for (const byte of Buffer.concat(sent)) {
        write.call(raw.socket, Uint8Array.of(byte))
        yield* Effect.sleep("1 millis")
      }
      yield* until(() => raw.received().includes("node2"))
      assert.isFalse(raw.isEnded())
    }))
})

describe("The port", () => {
  const limited = (options: RpcTestServer.Options) => Effect.provide(RpcTestServer.layer(options))

  it.live("ends a connection on which nothing comes", () =>
    Effect.gen(function*() {
      const port = yield* RpcTestServer.port
      const silent = yield* open(port)
      const halfway = yield* openAsClient(port)
      yield* until(() => silent.isEnded() && halfway.isEnded())
      yield* assertServed
    }).pipe(Effect.scoped, limited({ handshakeMillisMax: 100 })))

  it.live("ends a connection on which nothing comes any more, and not before", () =>
    Effect.gen(function*() {
      const raw = yield* openAsClient(yield* RpcTestServer.port)
      raw.ask("members")
      yield* Effect.sleep("900 millis")
      assert.isFalse(raw.isEnded())
      yield* until(raw.isEnded)
      assert.isTrue(raw.received().includes("node2"))
    }).pipe(Effect.scoped, limited({ handshakeMillisMax: 500, silenceMillisMax: 1500 })))

  it.live("takes no more connections than it may", () =>
    Effect.gen(function*() {
      const port = yield* RpcTestServer.port
      const first = yield* openAsClient(port)
      first.ask("members")
      yield* until(() => first.received().includes("node2"))
      const second = yield* openAsClient(port)
      yield* until(second.isEnded)
      first.socket.destroy()
      yield* Effect.retry(assertServed, { times: 100 })
    }).pipe(Effect.scoped, limited({ connectionsMax: 1 })))

  it.live("ends a connection that asks for too much at a time", () =>
    Effect.gen(function*() {
      const port = yield* RpcTestServer.port
      const greedy = yield* openAsClient(port)
      greedy.ask("takeSnapshot", "takeSnapshot", "takeSnapshot")
      yield* Effect.sleep("100 millis")
      assert.isFalse(greedy.isEnded())
      // What has been answered does not count.
      greedy.ask("members")
      yield* until(greedy.isEnded)
      yield* assertServed
    }).pipe(Effect.scoped, limited({ requestsMax: 3, admin: { takeSnapshot: Effect.never } })))

  it.live("does not count what it has answered", () =>
    Effect.gen(function*() {
      const modest = yield* openAsClient(yield* RpcTestServer.port)
      for (let asked = 1; asked <= 10; asked++) {
        modest.ask("members")
        yield* until(() => modest.received().toString("latin1").split("node2").length > asked)
      }
      assert.isFalse(modest.isEnded())
    }).pipe(Effect.scoped, limited({ requestsMax: 1 })))

  it.live("ends a connection that does not read its answers", () =>
    Effect.gen(function*() {
      const deaf = yield* openAsClient(yield* RpcTestServer.port)
      deaf.socket.pause()
      const flood = Effect.sync(() => deaf.ask(...Array.from({ length: 500 }, () => "members")))
      yield* Effect.repeat(Effect.andThen(flood, Effect.sleep("5 millis")), { until: () => deaf.socket.destroyed })
      assert.isTrue(deaf.socket.destroyed)
      yield* assertServed
    }).pipe(Effect.scoped, limited({ unreadBytesMax: 100_000 })))

  it.live("takes back what a client asked for that has gone", () => {
    let withdrawn = 0
    const takeSnapshot = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void withdrawn++))
    return Effect.gen(function*() {
      const raw = yield* openAsClient(yield* RpcTestServer.port)
      raw.ask("takeSnapshot", "members")
      yield* until(() => raw.received().includes("node2"))
      assert.strictEqual(withdrawn, 0)
      raw.socket.destroy()
      yield* until(() => withdrawn === 1)
      assert.strictEqual(withdrawn, 1)
    }).pipe(Effect.scoped, limited({ admin: { takeSnapshot } }))
  })

  it.live("survives a defect, which one request alone feels", () => {
    const slow = Effect.delay(Effect.succeed({ leaderId: "node1", term: 9 }), "100 millis")
    const broken = { takeSnapshot: Effect.die(new Error("the fake is broken")), transferLeadership: () => slow }
    return Effect.gen(function*() {
      const admin = yield* client
      const beside = yield* Effect.forkChild(admin.transferLeadership(null), { startImmediately: true })
      assert.isTrue(Exit.hasDies(yield* Effect.exit(admin.takeSnapshot)))
      assert.deepStrictEqual(yield* Fiber.join(beside), { leaderId: "node1", term: 9 })
    }).pipe(Effect.scoped, limited({ admin: broken }))
  })
})
