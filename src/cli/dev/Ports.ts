/**
 * Looks whether ports are free by listening on each for a moment, so that a cluster which could not come
 * up is not half started.
 */
import { Effect } from "effect"
import { createServer } from "node:net"
import { DevFailed } from "./DevFailed.ts"
import type { NamedPort } from "./Plan.ts"

export const requireFree = Effect.fnUntraced(function*(host: string, ports: ReadonlyArray<NamedPort>) {
  const faults = yield* Effect.forEach(
    ports,
    ({ name, port }) =>
      Effect.map(listenFault(host, port), (fault) => fault === null ? [] : [`${port} (${name}, ${fault})`])
  )
  const found = faults.flat()
  if (found.length === 0) return
  const flags = [...new Set(ports.map(({ flag }) => flag))].join(", ")
  return yield* new DevFailed({
    message: `nothing was started: cannot listen on ${host} at ${found.join(", ")}; ${flags} choose other ports`
  })
})

/** Why one cannot listen there, or null. */
const listenFault = (host: string, port: number): Effect.Effect<string | null> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", (error: NodeJS.ErrnoException) =>
      resume(Effect.succeed(error.code === "EADDRINUSE" ? "in use" : error.message)))
    server.listen({ host, port, exclusive: true }, () =>
      server.close(() => resume(Effect.succeed(null))))
  })
