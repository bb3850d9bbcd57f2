/**
 * A conversation over TCP as its client sees it: against the real port of a node, and against whatever else may be at
 * an address. Time is the test's, sockets are real.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch } from "effect"
import { TestClock } from "effect/testing"
import { createServer, type Server, type Socket } from "node:net"
import type * as Conversation from "../../src/api/rpc/Conversation.ts"
import { framed } from "../../src/api/rpc/Frames.ts"
import * as Packed from "../../src/api/rpc/Packed.ts"
import { preamble } from "../../src/api/rpc/Wire.ts"
import * as ConversationLink from "../../src/client/transport/ConversationLink.ts"
import * as RpcTestServer from "../server/rpc/RpcTestServer.ts"

/** A link, what it hears, and a way to wait until it has heard so much. */
const open = Effect.fnUntraced(function*(port: number) {
  const heard: Array<Conversation.Outcome> = []
  const more = Latch.makeUnsafe(false)
  const link = yield* ConversationLink.open({ host: "127.0.0.1", port }, (outcomes) => {
    heard.push(...outcomes)
    more.openUnsafe()
  })
  const until = (count: number): Effect.Effect<void> =>
    Effect.suspend(() =>
      heard.length >= count ? Effect.void : Effect.andThen(more.await, until(count)).pipe(
        Effect.tap(() => more.close)
      )
    )
  return { ...link, heard, until }
})

/** Something that listens, and does this with whoever comes. */
const serve = (come: (socket: Socket) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<Server>((resume) => {
        const server = createServer(come)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    (server) => (server.address() as { readonly port: number }).port
  )

const leader = framed(Packed.outcomes.encode([{ _tag: "Leader", address: null }]))

const ping = (id: number): Conversation.Group => ({ operations: [{ _tag: "Ping", id }] })

layer(RpcTestServer.layer(), { excludeTestServices: true })("A conversation with a node", (it) => {
  it.effect("begins with what is known of the leader, and settles what is asked", () =>
    Effect.gen(function*() {
      const link = yield* open(yield* RpcTestServer.port)
      yield* link.begun
      yield* link.send([ping(1), ping(2)])
      yield* link.send([ping(3)])
      yield* link.until(4)
      assert.deepStrictEqual(link.heard, [
        { _tag: "Leader", address: null },
        { _tag: "Pong", id: 1 },
        { _tag: "Pong", id: 2 },
        { _tag: "Pong", id: 3 }
      ])
    }))
})

describe("A conversation with what is no node of this release", () => {
  const whyNot = Effect.fnUntraced(function*(come: (socket: Socket) => void) {
    const link = yield* open(yield* serve(come))
    return yield* Effect.flip(link.begun)
  })

  it.live("says what it is", () =>
    Effect.gen(function*() {
      assert.match(yield* whyNot((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")), /no client RPC/)
      const later = Uint8Array.of(...preamble.subarray(0, 7), 9)
      assert.match(yield* whyNot((socket) => socket.write(later)), /speaks version 9 of the client RPC/)
      const garbage = Buffer.concat([preamble, framed(Buffer.from("garbage"))])
      assert.strictEqual(yield* whyNot((socket) => socket.write(garbage)), "speaks no client RPC of this release")
      assert.strictEqual(yield* whyNot((socket) => socket.end(preamble)), "ended the connection")
    }))

  it.live("says that nobody listens", () =>
    Effect.gen(function*() {
      const port = yield* Effect.scoped(serve(() => {}))
      const link = yield* open(port)
      assert.strictEqual(yield* Effect.flip(link.begun), "connection refused")
      assert.strictEqual(yield* Effect.flip(link.send([ping(1)])), "connection refused")
    }))
})

describe("A conversation in which nothing is said", () => {
  const said = Effect.fnUntraced(function*(answers: boolean) {
    const port = yield* serve((socket) => {
      socket.write(Buffer.concat([preamble, leader]))
      socket.on("data", () => answers ? socket.write(leader) : undefined)
      socket.on("error", () => socket.destroy())
    })
    const link = yield* open(port)
    yield* link.begun
    const ended = yield* Effect.forkChild(Effect.flip(link.ended), { startImmediately: true })
    return { link, ended }
  })

  it.effect("goes on while the node answers that it is there", () =>
    Effect.gen(function*() {
      const { ended, link } = yield* said(true)
      for (let asked = 1; asked <= 5; asked++) {
        yield* TestClock.adjust("5 seconds")
        yield* link.until(1 + asked)
      }
      assert.isUndefined(ended.pollUnsafe())
    }))

  it.effect("ends when the node does not, and not before", () =>
    Effect.gen(function*() {
      const { ended } = yield* said(false)
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(ended.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.await(ended), Exit.succeed("went silent"))
    }))
})
