/**
 * One connection of a client: what it may leave unread, ask for at a time, and how long it may be silent. Whoever
 * goes beyond, or speaks anything else, loses this connection, and nothing else happens.
 *
 * Nothing here waits for the client to read.
 */
import { Effect, type Scope } from "effect"
import type { RpcMessage, RpcSerialization } from "effect/rpc"
import type { Socket as NetSocket } from "node:net"
import { empty, framed, Frames } from "../../api/rpc/Frames.ts"
import { conversationPreamble } from "../../api/rpc/Wire.ts"
import type { Traffic } from "../metrics/Traffic.ts"
import type { Conversations } from "./Conversations.ts"

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

type Pull = Effect.Effect<ReadonlyArray<Uint8Array>, unknown>

/** Hands on the messages that come, until the connection ends or has to. */
export const read = (
  connection: RpcConnection,
  first: Uint8Array,
  pull: Pull,
  take: (message: RpcMessage.FromClientEncoded) => Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.gen(function*() {
    let chunks: ReadonlyArray<Uint8Array> = [first]
    while (true) {
      for (const bytes of chunks) {
        const messages = decode(connection, bytes)
        if (messages === null) return
        for (const message of messages) {
          if (message._tag === "Request" && !begin(connection)) return
          yield* take(message)
        }
      }
      chunks = yield* pull
    }
  }).pipe(Effect.ignore)

/** The same for a client that converses: what comes is begun within the event that brings it. */
export const converse = (
  connection: RpcConnection,
  first: Uint8Array,
  pull: Pull,
  open: Conversations["Service"]["open"]
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const operate = yield* open({
      tell: (outcomes) => write(connection, framed(outcomes)),
      ended: () => end(connection)
    })
    const frames = new Frames({ bytesMax: batchBytesMax })
    let chunks: ReadonlyArray<Uint8Array> = [first.subarray(conversationPreamble.length)]
    while (chunks.every((chunk) => isHeard(connection, frames, chunk, operate))) {
      // A client that says very much lets the node take a turn with it, or the node's inbox would be full.
      if (chunks.some(({ length }) => length >= turnBytes)) yield* Effect.yieldNow
      chunks = yield* pull
    }
  }).pipe(Effect.ignore)

/** As much as Node reads from a socket at a time. */
const turnBytes = 65_536

/** Far longer than any batch, and short enough that many strangers cannot fill the memory. */
const batchBytesMax = 1024 * 1024

/** False when they are no frames of a conversation. */
const isHeard = (
  connection: RpcConnection,
  frames: Frames,
  chunk: Uint8Array,
  operate: (batch: Uint8Array) => void
): boolean => {
  try {
    for (const body of frames.push(chunk)) {
      connection.heard = true
      if (body.length === 0) {
        write(connection, empty)
        continue
      }
      connection.traffic.rpcRequests += 1
      operate(body)
    }
    return true
  } catch {
    return false
  }
}

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
  if (bytes !== undefined) write(connection, bytes)
}

const write = ({ limits, net }: RpcConnection, bytes: Uint8Array | string): void => {
  if (!net.writable) return
  net.write(bytes)
  if (net.writableLength > limits.unreadBytesMax) net.destroy()
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
