/**
 * Tells when a process that was killed has let go of its connections. The kernel frees the memory of a dead process
 * before it closes its sockets; until then nobody can notice the death, and this shows how long that was.
 */
import { Effect } from "effect"
import { connect } from "node:net"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { nowMillis } from "../lib/Now.ts"

export interface Parting {
  /** When the connection ended; null while it stands. */
  readonly at: () => number | null
}

/** Holds a connection to the node, which says nothing, until the scope closes. */
export const watch = ({ host = "127.0.0.1", httpPort }: TestNode) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const watched: { at: number | null } = { at: null }
        const socket = connect(httpPort, host)
        // A reset is an end like any other, and `close` tells of both.
        socket.on("error", () => {}).on("close", () => watched.at ??= nowMillis()).resume()
        return { socket, watched }
      }),
      ({ socket }) => Effect.sync(() => socket.destroy())
    ),
    ({ watched }): Parting => ({ at: () => watched.at })
  )
