/**
 * Ports that nobody listens on. They lie below the range from which the kernel serves outgoing
 * connections, so that none is taken between our look and a node's start.
 */
import { Effect } from "effect"
import { createServer } from "node:net"

const first = 20_000
const last = 32_000

let next = first + (process.pid * 97) % (last - first)

/** A row of free ports, counting up. */
export const freePorts = (count: number): Effect.Effect<ReadonlyArray<number>> =>
  Effect.gen(function*() {
    while (true) {
      if (next + count > last) next = first
      const ports = Array.from({ length: count }, () => next++)
      const free = yield* Effect.forEach(ports, isFree)
      if (free.every((each) => each)) return ports
    }
  })

const isFree = (port: number): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resume(Effect.succeed(true))))
  })

/** Listens on a port until the scope closes. */
export const occupy = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer()
      server.listen({ host: "127.0.0.1", port, exclusive: true }, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  )
