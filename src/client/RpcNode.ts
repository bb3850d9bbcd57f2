/**
 * A connection to one node's client RPC. It is made once, with a first answer in bounded time, and is not made again:
 * who needs another node asks another.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { Effect, Layer, Schedule } from "effect"
import { RpcClient, type RpcClientError } from "effect/rpc"
import { Socket } from "effect/socket"
import { createConnection, type Socket as NetSocket } from "node:net"
import { formatAddress, type HostAndPort } from "../api/Address.ts"
import type { Status } from "../api/Cluster.ts"
import { NodeRpcs } from "../api/rpc/NodeRpcs.ts"
import { layerSerialization, preamble } from "../api/rpc/Wire.ts"
import { NoAnswer, whyLost } from "./ClientErrors.ts"

export interface RpcNode {
  /** `host:port`, for messages. */
  readonly address: string
  readonly ask: RpcClient.FromGroup<typeof NodeRpcs, RpcClientError.RpcClientError>
  /** Its first answer. */
  readonly status: Status
}

/** Long enough for a busy node, short enough for whoever looks for one that answers. */
const answerMillisMax = 3000

/** An answer may be long: a page of locks with their values, a piece of a snapshot. */
const frameBytesMax = 16 * 1024 * 1024

/** Connects, and succeeds when the node has answered. The connection ends with the scope. */
export const connect = Effect.fnUntraced(function*(address: HostAndPort) {
  const protocol = yield* Layer.build(protocolTo(address))
  const ask = yield* RpcClient.make(NodeRpcs, { disableTracing: true }).pipe(Effect.provide(protocol))
  const name = formatAddress(address)
  const status = yield* ask.status().pipe(
    Effect.catchDefect(Effect.fail),
    Effect.mapError(whyLost),
    Effect.timeoutOrElse({
      duration: answerMillisMax,
      orElse: () => Effect.fail(`no answer within ${answerMillisMax / 1000} s`)
    }),
    Effect.mapError((why) => new NoAnswer({ address: name, why }))
  )
  return { address: name, ask, status } satisfies RpcNode
})

/** Fails what is asked over it once the connection has ended. */
const protocolTo = (address: HostAndPort) =>
  RpcClient.layerProtocolSocket({ retryPolicy: Schedule.recurs(0) }).pipe(
    Layer.provide([
      Layer.effect(Socket.Socket, NodeSocket.fromDuplex(open(address), { openTimeout: answerMillisMax })),
      layerSerialization(frameBytesMax)
    ])
  )

/** The preamble goes out before anybody can write to the connection. */
const open = (address: HostAndPort) =>
  Effect.acquireRelease(
    Effect.sync(() => createConnection({ ...address, noDelay: true })),
    (net) => Effect.sync(() => net.destroy())
  ).pipe(
    Effect.flatMap((net) =>
      Effect.callback<NetSocket, Socket.SocketError>((resume) => {
        net.on("error", (cause) => resume(Effect.fail(cannotOpen(cause))))
        net.once("connect", () => {
          net.write(preamble)
          resume(Effect.succeed(net))
        })
      })
    )
  )

const cannotOpen = (cause: Error) =>
  new Socket.SocketError({ reason: new Socket.SocketOpenError({ kind: "Unknown", cause }) })
