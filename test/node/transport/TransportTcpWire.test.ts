/**
 * What only real sockets can show: bytes as they come, ports that are taken, the kernel's part, and
 * how soon a node knows that its peer is dead.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Logger, Queue, Random, Scope } from "effect"
import * as Net from "node:net"
import { Worker } from "node:worker_threads"
import type { Address, TransportError } from "../../../src/node/Transport.ts"
import { Frame } from "../../../src/node/transport/Frame.ts"
import { encodePreamble } from "../../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import * as TransportTcp from "../../../src/node/transport/TransportTcp.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { bytesOf } from "./Bytes.ts"
import type { Data } from "./listener.worker.ts"
import { makeLogs } from "./Logs.ts"
import { helloOf, numbered, openNode, type TestNode } from "./Node.ts"
import { listening, makeRelay } from "./Relay.ts"
import { heardAt, portTaken, stateAt } from "./slots.ts"
import { freePort, host, onFreePort } from "./TcpGround.ts"

const [n1, n2, n3] = [NodeId.make("n1"), NodeId.make("n2"), NodeId.make("n3")]

const portOf = (server: Net.Server): number => (server.address() as Net.AddressInfo).port

/** A node whose peers are where a test says. */
const open = (id: NodeId, peers: ReadonlyArray<readonly [NodeId, Address]>) =>
  onFreePort((port) =>
    Effect.provide(openNode(id, new Map(peers), `store-of-${id}`), TransportTcp.layer({ listen: { host, port } }))
  )

interface Raw {
  readonly socket: Net.Socket
  /** All that came, once the other side has closed. */
  readonly end: Effect.Effect<Buffer>
}

const connect = (port: number): Effect.Effect<Raw, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Raw>((resume) => {
      const chunks: Array<Buffer> = []
      const socket = Net.connect({ port, host, noDelay: true })
      const closed = new Promise<Buffer>((settle) => socket.on("close", () => settle(Buffer.concat(chunks))))
      socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => {})
      socket.on("connect", () => resume(Effect.succeed({ socket, end: Effect.promise(() => closed) })))
    }),
    ({ socket }) => Effect.sync(() => socket.destroy())
  )

const take = (node: TestNode) =>
  Queue.take(node.events).pipe(
    Effect.timeoutOrElse({ duration: "8 seconds", orElse: () => Effect.die("it has not come in time") })
  )

const preamble = encodePreamble(ourVersions)
const hello = bytesOf(Frame.Hello({ hello: helloOf(n2, "raw") }))
const votes = bytesOf(Frame.Messages({ messages: [numbered(1)] }))

/** Two nodes with a link; the first listens on `port`. */
const pair = Effect.gen(function*() {
  const logs = makeLogs()
  const relay = yield* makeRelay
  const [a, port] = yield* logs.keep(open(n1, [[n2, { host, port: relay.port }]]))
  const [b, target] = yield* Effect.provide(open(n2, [[n1, { host, port }]]), Logger.layer([]))
  relay.target = target
  assert.strictEqual((yield* take(a))._tag, "Connected")
  assert.strictEqual((yield* take(b))._tag, "Connected")
  logs.lines.length = 0
  return { a, b, port, logs }
})

const expectUndisturbed = Effect.fnUntraced(function*(a: TestNode, b: TestNode) {
  yield* a.offer(n2, [numbered(1)])
  yield* b.offer(n1, [numbered(2)])
  assert.strictEqual((yield* take(a))._tag, "Received")
  assert.strictEqual((yield* take(b))._tag, "Received")
})

describe("bytes on the port of a node", () => {
  const http = new TextEncoder().encode("POST /v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n")
  const noise = Uint8Array.from({ length: 100_000 }, (_, n) => (n * 7919) >> 3)
  const giant = Uint8Array.from(votes)
  giant.fill(0xff, 0, 4)
  const garbled = Uint8Array.from(hello)
  garbled[20]! ^= 1
  const notHoldfast = "does not begin as a Holdfast node does"
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<Uint8Array>, string]> = [
    ["of another protocol", [http], notHoldfast],
    ["of none", [noise], notHoldfast],
    ["of no protocol after a preamble", [preamble, noise], "announced a frame longer than allowed"],
    ["that announce 4 GiB", [preamble, giant], "announced a frame longer than allowed"],
    ["of a garbled hello", [preamble, garbled], "sent a frame that does not decode"],
    ["of messages before a hello", [preamble, votes], "sent a frame that has no place there"]
  ]

  it.live.each(cases)(
    "%s end that connection, with one line in the log, and nothing else",
    ([, sent, reason]) =>
      Effect.gen(function*() {
        const { a, b, logs, port } = yield* pair
        const raw = yield* connect(port)
        for (const bytes of sent) raw.socket.write(bytes)
        yield* raw.end
        assert.deepStrictEqual(logs.warnings(), [`Closed a connection: ${reason}`])
        yield* expectUndisturbed(a, b)
      })
  )

  it.live("that stop in the middle of a frame end it as well, when the other side closes", () =>
    Effect.gen(function*() {
      const { a, b, logs, port } = yield* pair
      const raw = yield* connect(port)
      raw.socket.write(preamble)
      raw.socket.end(hello.subarray(0, hello.length - 1))
      yield* raw.end
      assert.deepStrictEqual(logs.warnings(), ["Closed a connection: closed in the middle of a frame"])
      yield* expectUndisturbed(a, b)
    }))

  it.live("at random do no harm, five hundred times", () =>
    Effect.gen(function*() {
      const { a, b, port } = yield* pair
      for (let times = 0; times < 10; times++) {
        const raws = yield* Effect.replicateEffect(connect(port), 50)
        for (const { socket } of raws) {
          const length = yield* Random.nextIntBetween(1, 400)
          const bytes = new Uint8Array(length)
          for (let at = 0; at < length; at++) bytes[at] = yield* Random.nextIntBetween(0, 255)
          if (yield* Random.nextBoolean) socket.write(preamble)
          socket.end(bytes)
        }
        for (const { end } of raws) yield* end
      }
      yield* expectUndisturbed(a, b)
    }).pipe(Random.withSeed("noise")))
})

describe("a peer on real sockets", () => {
  it.live("is understood though its bytes come one by one", () =>
    Effect.gen(function*() {
      const relays = [yield* makeRelay, yield* makeRelay]
      for (const relay of relays) relay.pieceBytes = 1
      const [a, portA] = yield* open(n1, [[n2, { host, port: relays[0]!.port }]])
      const [b, portB] = yield* open(n2, [[n1, { host, port: relays[1]!.port }]])
      relays[0]!.target = portB
      relays[1]!.target = portA
      for (const node of [a, b]) assert.strictEqual((yield* take(node))._tag, "Connected")
      const messages = [numbered(1, 300), numbered(2), numbered(3, 100)]
      yield* a.offer(n2, messages)
      const received = yield* take(b)
      assert.deepStrictEqual(received._tag === "Received" && received.messages, messages)
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live(
    "hears an offer, or a send, before this thread's event loop turns; when killed, it is missed at once",
    () =>
      Effect.gen(function*() {
        const { node, shared, thread } = yield* linkedWithThread
        for (const say of [node.offer, node.send, node.offer]) {
          const before = Atomics.load(shared, heardAt)
          yield* say(n2, [numbered(1)])
          // Nothing of this thread runs until the other one has heard.
          assert.oneOf(Atomics.wait(shared, heardAt, before, 5000), ["ok", "not-equal"])
          assert.strictEqual(Atomics.load(shared, heardAt), before + 1)
        }
        const killedAt = yield* Clock.monotonicTimeNanos
        yield* Effect.forkChild(Effect.promise(() => thread.terminate()))
        assert.strictEqual((yield* take(node))._tag, "Disconnected")
        // Long before it would be missed by its silence; a thread takes some time to die on a busy machine.
        assert.isBelow(Number((yield* Clock.monotonicTimeNanos) - killedAt) / 1e6, 500)
      }),
    30_000
  )

  it.live("that is another node than the one dialed is told so", () =>
    Effect.gen(function*() {
      const silent = yield* listening((socket) => socket.on("error", () => {}).resume())
      const [c, port] = yield* open(n3, [[n1, { host, port: portOf(silent) }]])
      yield* open(n1, [[n2, { host, port }]])
      const told = yield* take(c)
      assert.deepStrictEqual(told._tag === "Refused" && told.refusal, {
        reason: "wrong-node",
        message: "n3 answers at the address of n2"
      })
    }).pipe(Effect.provide(Logger.layer([]))))
})

describe("a port to listen on", () => {
  const refusal = (address: Address) =>
    Effect.provide(openNode(n1, new Map(), "store"), TransportTcp.layer({ listen: address })).pipe(Effect.flip)

  it.live("that is in use is named, and what to do about it", () =>
    Effect.gen(function*() {
      const port = portOf(yield* listening(() => {}))
      const error = yield* refusal({ host, port })
      assert.strictEqual(
        error.message,
        `cannot listen for peers on ${host}:${port}: the port is in use; ` +
          "stop whoever uses it, or choose another Raft port"
      )
    }))

  it.live("on a host that is not this machine is named as well", () =>
    Effect.gen(function*() {
      const error = yield* refusal({ host: "192.0.2.1", port: 0 })
      assert.include(error.message, "192.0.2.1:0: the host is not an address of this machine")
    }))

  it.live("is free again when the transport closes, and nobody is left on it", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const [, port] = yield* Scope.provide(open(n1, []), scope)
      const raw = yield* connect(port)
      yield* Scope.close(scope, Exit.void)
      yield* raw.end
      yield* Effect.provide(openNode(n1, new Map(), "store"), TransportTcp.layer({ listen: { host, port } }))
      assert.isTrue(raw.socket.destroyed)
    }))
})

interface WithThread {
  readonly node: TestNode
  readonly thread: Worker
  readonly shared: Int32Array
}

/** A node that is linked with a peer in another thread, with nothing between them. */
const linkedWithThread: Effect.Effect<WithThread, TransportError, Scope.Scope> = Effect.gen(function*() {
  const port = yield* freePort
  const [node, peerPort] = yield* Effect.provide(open(n1, [[n2, { host, port }]]), Logger.layer([]))
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const data: Data = { self: n2, peer: n1, port, peerPort, shared }
  const thread = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(new URL("./listener.worker.ts", import.meta.url), { workerData: data })),
    (thread) => Effect.promise(() => thread.terminate())
  )
  yield* Effect.promise(async () => Atomics.waitAsync(shared, stateAt, 0).value)
  // Somebody else may have taken the port meanwhile.
  if (Atomics.load(shared, stateAt) === portTaken) return yield* linkedWithThread
  assert.strictEqual((yield* take(node))._tag, "Connected")
  return { node, thread, shared }
})
