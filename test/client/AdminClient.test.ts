/**
 * Finding a node that answers among some that do not, each in its own way, and saying of a change whose answer is lost
 * that nobody knows.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Stream } from "effect"
import { createServer, type Socket } from "node:net"
import { preamble } from "../../src/api/rpc/Wire.ts"
import { AdminClient, statusOf } from "../../src/client/AdminClient.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import * as HttpTestServer from "../server/http/HttpTestServer.ts"
import * as RpcTestServer from "../server/rpc/RpcTestServer.ts"

const at = (port: number) => ({ host: "127.0.0.1", port })

const connect = (...ports: ReadonlyArray<number>) =>
  Effect.map(Layer.build(AdminClient.layer(ports.map(at))), (built) => Context.get(built, AdminClient))

/** A port behind which somebody does as told. */
const listen = (onConnection: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket.on("error", () => {}))
        onConnection(socket)
      })
      const close = () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        if (typeof address === "object" && address !== null) resume(Effect.succeed({ port: address.port, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const refusing = Effect.map(Effect.scoped(listen(() => {})), ({ port }) => port)

describe("A client", () => {
  it.live("takes the first node that answers", () =>
    Effect.gen(function*() {
      const dead = yield* refusing
      const port = yield* RpcTestServer.port
      const admin = yield* connect(dead, port)
      assert.strictEqual(admin.address, `127.0.0.1:${port}`)
      assert.strictEqual((yield* admin.members).leaderId, "node2")
      assert.strictEqual((yield* statusOf(at(port))).nodeId, "node1")
    }).pipe(Effect.provide(RpcTestServer.layer())))

  it.live("says of each node why it does not answer", () =>
    Effect.gen(function*() {
      const dead = yield* refusing
      const http = yield* HttpTestServer.port
      const { port: closing } = yield* listen((socket) => socket.end())
      const { port: newer } = yield* listen((socket) => socket.write(Uint8Array.of(...preamble.subarray(0, 7), 2)))
      const error = yield* Effect.flip(connect(dead, http, closing, newer))
      assert.strictEqual(error._tag, "NoNodeAnswers")
      assert.strictEqual(
        error.message,
        `no node answers at 127.0.0.1:${dead} (connection refused), ` +
          `127.0.0.1:${http} (speaks no client RPC of Holdfast: the RPC port is another, 7081 unless it is set), ` +
          `127.0.0.1:${closing} (ended the connection), ` +
          `127.0.0.1:${newer} (speaks version 2 of the client RPC, and this is version 1)`
      )
    }).pipe(Effect.provide(HttpTestServer.layer())))

  it.live("goes on to the next when one accepts and says nothing", () =>
    Effect.gen(function*() {
      const { port: mute } = yield* listen(() => {})
      const port = yield* RpcTestServer.port
      const [took, admin] = yield* Effect.timed(connect(mute, port))
      assert.strictEqual(admin.address, `127.0.0.1:${port}`)
      assert.isBelow(Duration.toMillis(took), 6000)
      const error = yield* Effect.flip(connect(mute))
      assert.include(error.message, "(no answer within 3 s)")
    }).pipe(Effect.provide(RpcTestServer.layer())))

  it.live("knows a host that is none", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(statusOf({ host: "no-such-host.invalid", port: 7081 }))
      assert.strictEqual(error.address, "no-such-host.invalid:7081")
      assert.match(error.why, /no such host|unreachable/)
    }))
})

describe("A client whose node is lost", () => {
  /** A relay to a server, which hangs up when told. */
  const relayed = Effect.gen(function*() {
    const { createConnection } = yield* Effect.promise(() => import("node:net"))
    const port = yield* RpcTestServer.port
    const relay = yield* listen((socket) => {
      socket.pipe(createConnection(port, "127.0.0.1").on("error", () => {})).pipe(socket)
    })
    return { hangUp: Effect.sync(relay.close), admin: yield* connect(relay.port) }
  })

  it.live("does not know what became of a change", () =>
    Effect.gen(function*() {
      const { admin, hangUp } = yield* relayed
      const nodeId = NodeId.make("node4")
      const change = Effect.flip(admin.addMember({ nodeId, raft: "a:1" }))
      const [error] = yield* Effect.all([change, Effect.delay(hangUp, "100 millis")], { concurrency: 2 })
      assert.strictEqual(error._tag, "OutcomeUnknown")
      assert.include(error.message, "list the members before you ask again")
    }).pipe(Effect.provide(RpcTestServer.layer({ admin: { addMember: () => Effect.never } }))))

  it.live("knows that a question has no answer, and that a snapshot is not whole", () =>
    Effect.gen(function*() {
      const { admin, hangUp } = yield* relayed
      const download = Effect.flip(Stream.runDrain(admin.downloadSnapshot))
      const question = Effect.flip(admin.takeSnapshot)
      const later = Effect.delay(hangUp, "200 millis")
      const [lost, unanswered] = yield* Effect.all([download, question, later], { concurrency: 3 })
      assert.deepStrictEqual([lost._tag, unanswered._tag], ["NodeLost", "NodeLost"])
    }).pipe(Effect.provide(RpcTestServer.layer({
      admin: {
        takeSnapshot: Effect.never,
        downloadSnapshot: Effect.succeed(Stream.concat(Stream.make(new Uint8Array(1000)), Stream.never))
      }
    }))))
})
