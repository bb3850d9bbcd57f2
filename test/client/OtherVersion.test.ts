/** The client library beside a node of another version, as in the middle of an upgrade: it says so, or goes on. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { preamble } from "../../src/api/rpc/Wire.ts"
import { createClient, Unavailable } from "../../src/promise.ts"
import * as RealNode from "../cli/support/RealNode.ts"

/** Says of itself what a node of client RPC 2 would, and takes no notice of what it hears. */
const nodeOfVersion2 = Effect.acquireRelease(
  Effect.promise(async () => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}))
      socket.resume().write(Uint8Array.of(...preamble.subarray(0, 7), 2))
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    const address = server.address()
    return { sockets, server, port: typeof address === "object" ? address?.port : undefined }
  }),
  ({ server, sockets }) =>
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
)

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })(
  "A client beside a node of another version",
  (it) => {
    it.effect("says so, where there is no other", () =>
      Effect.gen(function*() {
        const { port } = yield* nodeOfVersion2
        const error = yield* Effect.promise(async () => {
          await using client = await createClient({ nodes: [`127.0.0.1:${port}`] })
          // It is closed only after that.
          return await client.acquire("report", { wait: 500 }).then(() => "granted", (error: unknown) => error)
        })
        assert.instanceOf(error, Unavailable)
        assert.include(error.message, "speaks version 2 of the client RPC, and this is version 1")
      }))

    it.effect("goes on with one of its own", () =>
      Effect.gen(function*() {
        const { port } = yield* nodeOfVersion2
        const { rpc } = yield* RealNode.RealNode
        const token = yield* Effect.promise(async () => {
          await using client = await createClient({ nodes: [`127.0.0.1:${port}`, rpc] })
          return await client.withLock("report", async ({ token }) => token)
        })
        assert.isAbove(token, 0)
      }))
  }
)
