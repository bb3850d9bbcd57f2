/**
 * Client RPC over TCP: accepts connections up to a bound, and carries what is said on them to and from the server of
 * `effect/rpc`, or to a conversation. It stops in bounded time, whatever its clients do.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { Context, Effect, Layer, Option, Queue, Schedule } from "effect"
import { RpcSerialization, RpcServer } from "effect/rpc"
import type { SocketServer } from "effect/socket"
import type { Socket as NetSocket } from "node:net"
import { conversationPreamble, mayConverse, preamble } from "../../api/rpc/Wire.ts"
import { makeInlet } from "../../node/transport/Inlet.ts"
import { cannotListen } from "../CannotListen.ts"
import { Traffic } from "../metrics/Traffic.ts"
import { Conversations } from "./Conversations.ts"
import * as RpcConnection from "./RpcConnection.ts"

export interface Options extends Partial<RpcConnection.ConnectionLimits> {
  readonly host: string
  /** 0 takes a free one; `RpcPort` knows which. */
  readonly port: number
  /** More than these are closed as soon as they come. Default: 10,000. */
  readonly connectionsMax?: number | undefined
  /** How long a stop lets requests finish before it ends their connections. Default: 2,000. */
  readonly letGoMillisMax?: number | undefined
}

export class RpcPort extends Context.Service<RpcPort, {
  readonly port: number
  /** Turns new connections away, lets requests finish for a while, and ends the connections. */
  readonly letGo: Effect.Effect<void>
}>()("server/rpc/RpcPort") {}

const defaultLimits: RpcConnection.ConnectionLimits = {
  handshakeMillisMax: 10_000,
  // A client pings every five seconds.
  silenceMillisMax: 30_000,
  requestsMax: 16_384,
  unreadBytesMax: 64 * 1024 * 1024
}

export const layer = (options: Options) =>
  Layer.effectContext(Effect.gen(function*() {
    const reception = yield* makeReception(options)
    const server = yield* listen(options)
    // The server of the port waits for every connection to end, so none may be left to wait for its client.
    yield* Effect.addFinalizer(() => Effect.sync(() => destroyAll(reception)))
    const protocol = yield* makeProtocol(reception, server)
    const { address } = server
    if (address._tag === "UnixPathAddress") return yield* Effect.die("broken invariant: RPC listens on TCP")
    const letGo = letConnectionsGo(reception, options.letGoMillisMax ?? 2000)
    return Context.make(RpcServer.Protocol, protocol).pipe(Context.add(RpcPort, { port: address.port, letGo }))
  }))

interface Reception {
  readonly limits: RpcConnection.ConnectionLimits
  readonly connectionsMax: number
  readonly traffic: Traffic
  readonly serialization: RpcSerialization.RpcSerialization["Service"]
  readonly conversations: Conversations["Service"]
  /** Until they are closed, also those that have been ended and still write. */
  readonly connections: Map<number, RpcConnection.RpcConnection>
  readonly disconnects: Queue.Queue<number>
  count: number
  isClosing: boolean
}

const makeReception = Effect.fnUntraced(function*(options: Options) {
  const reception: Reception = {
    limits: { ...defaultLimits, ...options },
    connectionsMax: options.connectionsMax ?? 10_000,
    traffic: yield* Traffic,
    serialization: yield* RpcSerialization.RpcSerialization,
    conversations: yield* Conversations,
    connections: new Map(),
    disconnects: yield* Queue.make<number>(),
    count: 0,
    isClosing: false
  }
  return reception
})

const listen = ({ host, port }: Options) =>
  NodeSocketServer.make({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 }).pipe(
    Effect.mapError(({ reason }) => cannotListen("RPC", { host, port }, reason.cause))
  )

const makeProtocol = (reception: Reception, server: SocketServer.SocketServer["Service"]) =>
  RpcServer.Protocol.make(Effect.fnUntraced(function*(take) {
    const { connections, disconnects, serialization } = reception
    yield* Effect.forkScoped(server.run(() => Effect.scoped(serve(reception, take))))
    return {
      disconnects,
      send: (id, message) =>
        Effect.sync(() => {
          const connection = connections.get(id)
          if (connection !== undefined) RpcConnection.send(connection, message)
        }),
      end: () => Effect.void,
      clientIds: Effect.sync(() => new Set(connections.keys())),
      initialMessage: Effect.succeedNone,
      supportsAck: true,
      supportsTransferables: false,
      supportsSpanPropagation: false,
      supportsNotifications: false,
      codecFor: serialization.codecFor
    }
  }))

type Take = Parameters<Parameters<typeof RpcServer.Protocol.make>[0]>[0]

const serve = Effect.fnUntraced(function*(reception: Reception, take: Take) {
  const net = Option.getOrThrow(yield* Effect.serviceOption(NodeSocket.NetSocket))
  const isTaken = !reception.isClosing && reception.connections.size < reception.connectionsMax
  if (isTaken) yield* hear(reception, net, take)
  else net.destroy()
})

const hear = Effect.fnUntraced(function*(reception: Reception, net: NetSocket, take: Take) {
  const pull = makeInlet(net)
  net.write(preamble)
  const id = reception.count++
  const { conversations, limits, serialization, traffic } = reception
  const connection = RpcConnection.make(id, net, serialization.makeUnsafe(), limits, traffic)
  reception.connections.set(id, connection)
  traffic.rpcConnections += 1
  net.once("close", () => {
    reception.connections.delete(id)
    traffic.rpcConnections -= 1
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => RpcConnection.end(connection)))
  yield* Effect.forkScoped(RpcConnection.watch(connection))
  const first = yield* Effect.orElseSucceed(firstBytes(pull), () => nothing)
  if (first.length >= conversationPreamble.length && mayConverse(first)) {
    return yield* RpcConnection.converse(connection, first, pull, conversations.open)
  }
  yield* Effect.addFinalizer(() => Queue.offer(reception.disconnects, id))
  yield* RpcConnection.read(connection, first, pull, (message) => take(id, message))
})

/** As many as tell whether a client converses. */
const firstBytes = Effect.fnUntraced(function*(pull: ReturnType<typeof makeInlet>) {
  let first: Uint8Array = nothing
  while (first.length < conversationPreamble.length && mayConverse(first)) {
    first = Buffer.concat([first, ...(yield* pull)])
  }
  return first
})

const nothing = new Uint8Array(0)

const destroyAll = (reception: Reception): void => {
  reception.isClosing = true
  for (const { net } of reception.connections.values()) net.destroy()
}

const letConnectionsGo = (reception: Reception, millisMax: number): Effect.Effect<void> => {
  const isIdle = Effect.sync(() => [...reception.connections.values()].every(({ requests }) => requests === 0))
  return Effect.gen(function*() {
    reception.isClosing = true
    yield* Effect.repeat(isIdle, { until: (so) => so, schedule: Schedule.spaced("20 millis") }).pipe(
      Effect.timeoutOption(millisMax)
    )
    reception.connections.forEach(RpcConnection.end)
  })
}
