/**
 * Client RPC by hand: bytes as a test wants them, and frames as a client of ours would send them.
 */
import { Effect } from "effect"
import { RpcSerialization } from "effect/rpc"
import { connect, type Socket } from "node:net"
import { layerSerialization, preamble } from "../../../src/api/rpc/Wire.ts"

export interface Raw {
  readonly socket: Socket
  /** What the server has sent, and whether it has ended the connection. */
  readonly received: () => Buffer
  readonly isEnded: () => boolean
  /** Sends requests, which the server has to answer. */
  readonly ask: (...tags: ReadonlyArray<string>) => void
}

/** A connection that is destroyed with the scope. */
export const open = Effect.fnUntraced(function*(port: number) {
  const socket = yield* Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect({ port, host: "127.0.0.1" }, () => resume(Effect.succeed(socket)))
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )
  let received = Buffer.alloc(0)
  let ended = false
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes])
  })
  for (const event of ["end", "close"]) {
    socket.once(event, () => {
      ended = true
    })
  }
  const { encode } = (yield* RpcSerialization.RpcSerialization).makeUnsafe()
  let requests = 0
  const raw: Raw = {
    socket,
    received: () => received,
    isEnded: () => ended,
    ask: (...tags) => {
      for (const tag of tags) {
        const request = { _tag: "Request", id: requests++, tag, payload: voidPayload, headers: [] }
        socket.write(encode(request) ?? "")
      }
    }
  }
  return raw
}, Effect.provide(layerSerialization(1024 * 1024)))

/** `undefined`, as the binary codec writes it. */
const voidPayload = Uint8Array.of(1, 0x20)

/** A connection that has begun as a client's does. */
export const openAsClient = Effect.fnUntraced(function*(port: number) {
  const raw = yield* open(port)
  raw.socket.write(preamble)
  return raw
})
