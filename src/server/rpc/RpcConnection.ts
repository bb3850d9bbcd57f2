/**
 * One connection of a client: what it may leave unread, ask for at a time, and how long it may be silent. Whoever
 * goes beyond, or speaks anything else, loses this connection, and nothing else happens.
 *
 * Nothing here waits for the client to read.
 */
import { Effect } from "effect"
import type { RpcMessage, RpcSerialization } from "effect/rpc"
import type { Socket } from "effect/socket"
import type { Socket as NetSocket } from "node:net"
import type { Traffic } from "../metrics/Traffic.ts"

export interface ConnectionLimits {
  /** By then a client has said something, and it pings ever after. */
  readonly handshakeMillisMax: number
  readonly silenceMillisMax: number
  /** Requests that are not answered yet. */
  readonly requestsMax: number
  /** Answers that the client has not read. */
  readonly unreadBytesMax: number
}

export interface RpcConnection {
  readonly id: number
  readonly net: NetSocket
  readonly parser: RpcSerialization.Parser
  readonly limits: ConnectionLimits
  requests: number
  readonly traffic: Traffic
  /** Whether a message has come since the last turn of `watch`. */
  heard: boolean
}

export const make = (
  id: number,
  net: NetSocket,
  parser: RpcSerialization.Parser,
  limits: ConnectionLimits,
  traffic: Traffic
): RpcConnection => ({ id, net, parser, limits, traffic, requests: 0, heard: false })

/** Hands on what comes, until the connection ends or has to. */
export const read = (
  connection: RpcConnection,
  pull: Effect.Effect<ReadonlyArray<Uint8Array>, Socket.SocketError>,
  take: (message: RpcMessage.FromClientEncoded) => Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.gen(function*() {
    while (true) {
      for (const bytes of yield* pull) {
        const messages = decode(connection, bytes)
        if (messages === null) return
        for (const message of messages) {
          if (message._tag === "Request" && !begin(connection)) return
          yield* take(message)
        }
      }
    }
  }).pipe(Effect.ignore)

const begin = (connection: RpcConnection): boolean => {
  connection.requests += 1
  connection.traffic.rpcRequests += 1
  return connection.requests <= connection.limits.requestsMax
}

/** Null when they are no messages. */
const decode = (connection: RpcConnection, bytes: Uint8Array): ReadonlyArray<RpcMessage.FromClientEncoded> | null => {
  try {
    const messages = connection.parser.decode(bytes) as ReadonlyArray<RpcMessage.FromClientEncoded>
    connection.heard ||= messages.length > 0
    return messages
  } catch {
    return null
  }
}

export const send = (connection: RpcConnection, message: RpcMessage.FromServerEncoded): void => {
  if (message._tag === "Exit") connection.requests -= 1
  if (!connection.net.writable) return
  const bytes = connection.parser.encode(message)
  if (bytes !== undefined) connection.net.write(bytes)
  if (connection.net.writableLength > connection.limits.unreadBytesMax) connection.net.destroy()
}

/** Ends a connection on which nothing comes. */
export const watch = (connection: RpcConnection): Effect.Effect<void> => {
  const turn = (millis: number): Effect.Effect<void> =>
    Effect.flatMap(Effect.sleep(millis), () => {
      if (!connection.heard) return Effect.sync(() => connection.net.destroy())
      connection.heard = false
      return turn(connection.limits.silenceMillisMax)
    })
  return turn(connection.limits.handshakeMillisMax)
}

/** Lets what was written go out, if the client reads it soon. */
export const end = ({ net }: RpcConnection): void => {
  net.setTimeout(lingerMillisMax, () => net.destroy())
  net.destroySoon()
}

const lingerMillisMax = 2000
