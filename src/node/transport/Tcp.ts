/**
 * TCP as a medium, over `node:net`: whoever offers to a congested peer must not wait, and whoever reads is woken by the
 * event that brings the bytes. Nothing is read while nobody asks. Nagle's algorithm is off: a frame waits for nothing.
 */
import { Effect, FiberSet, Latch } from "effect"
import * as Net from "node:net"
import { formatAddress } from "../config/Peers.ts"
import { type Address, TransportError } from "../Transport.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import { codeOf, makeInlet } from "./Inlet.ts"
import type { Medium, Opening, Wire } from "./Wire.ts"

export const tcp = (listen: Address): Medium => ({
  dial: (_, address) => dial(address),
  listen: (accept) => serve(listen, accept)
})

const dial = Effect.fnUntraced(function*(address: Address) {
  const net = yield* Effect.acquireRelease(
    Effect.sync(() => tamed(Net.createConnection({ ...address, noDelay: true }))),
    (net) => Effect.sync(() => net.destroy())
  )
  yield* connected(net)
  return yield* open(net)
})

const connected = (net: Net.Socket): Effect.Effect<void, ConnectionEnded> =>
  Effect.callback((resume) => {
    net.once("connect", () => resume(Effect.void))
    net.once(
      "error",
      (cause) => resume(Effect.fail(new ConnectionEnded({ reason: "unreachable", code: codeOf(cause) })))
    )
  })

const serve = Effect.fnUntraced(function*(address: Address, accept: (opening: Opening) => void) {
  const run = yield* FiberSet.makeRuntime()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => Net.createServer({ noDelay: true, pauseOnConnect: true })),
    (server) => Effect.sync(() => server.close())
  )
  server.on("connection", (net) => accept(open(tamed(net))))
  yield* bound(server, address)
  server.on("error", (cause) => run(Effect.logWarning("Cannot accept a connection", cause)))
})

// An error that comes while nobody listens for it, before the first read or after the last, ends the process.
const tamed = (net: Net.Socket): Net.Socket => net.on("error", () => {})

const open = Effect.fnUntraced(function*(net: Net.Socket) {
  const flowing = yield* Latch.make(true)
  const reopen = () => flowing.openUnsafe()
  net.on("drain", reopen).on("close", reopen)
  yield* Effect.addFinalizer(() => Effect.sync(() => net.destroy()))
  if (net.destroyed) return yield* new ConnectionEnded({ reason: "closed" })
  const wire: Wire = {
    remote: `${net.remoteAddress}:${net.remotePort}`,
    pull: makeInlet(net),
    write: (bytes) => {
      if (!net.destroyed && !net.write(bytes)) flowing.closeUnsafe()
    },
    backlogBytes: () => net.writableLength,
    isCongested: () => !net.destroyed && net.writableNeedDrain,
    drained: flowing.await,
    destroy: () => net.destroy()
  }
  return wire
})

const bound = (server: Net.Server, address: Address): Effect.Effect<void, TransportError> =>
  Effect.callback((resume) => {
    const fail = (cause: Error) => resume(Effect.fail(cannotListen(address, cause)))
    // Stays: it means nothing once the port is ours.
    server.on("error", fail)
    server.listen({ ...address }, () => resume(Effect.void))
  })

const cannotListen = (address: Address, cause: Error): TransportError =>
  new TransportError({ message: `cannot listen for peers on ${formatAddress(address)}: ${whatToDo(cause)}`, cause })

const whatToDo = (cause: Error): string => {
  switch (codeOf(cause)) {
    case "EADDRINUSE":
      return "the port is in use; stop whoever uses it, or choose another Raft port"
    case "EACCES":
      return "this user may not; choose a Raft port above 1023"
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "the host is not an address of this machine; choose another host"
    default:
      return cause.message
  }
}
