/**
 * Replies that are cut off in the middle: whatever byte was the last, the client asks again over another connection,
 * and holds one grant.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type AddressInfo, connect, createServer } from "node:net"
import { createClient } from "../../src/promise.ts"
import * as RealNode from "../cli/support/RealNode.ts"

/** Stands before a node, and ends each connection when the node has said so many bytes on it. */
const proxyTo = (port: number, bytesOf: (connection: number) => number) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly connections: () => number; readonly end: () => void }>(
      (resume) => {
        let connections = 0
        const server = createServer((client) => {
          let left = bytesOf(connections++)
          const node = connect(port, "127.0.0.1")
          const end = () => {
            client.destroy()
            node.destroy()
          }
          client.on("error", end).on("close", end).on("data", (bytes) => node.write(bytes))
          node.on("error", end).on("close", end).on("data", (bytes) => {
            client.write(bytes.subarray(0, left))
            left -= bytes.length
            if (left <= 0) client.end(end)
          })
        })
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(Effect.succeed({ port, connections: () => connections, end: () => void server.close() }))
        })
      }
    ),
    ({ end }) => Effect.sync(end)
  )

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("A reply that is cut off", (it) => {
  for (const transport of ["rpc", "http"] as const) {
    it.effect(`is asked for again over ${transport}, wherever it was cut`, () =>
      Effect.gen(function*() {
        const node = yield* RealNode.RealNode
        const limits = transport === "rpc" ? [6, 16, 28, 40] : [20, 200, 400, 600]
        const port = Number(node[transport].split(":")[1])
        const proxy = yield* proxyTo(port, (connection) => limits[connection] ?? Infinity)
        const address = `127.0.0.1:${proxy.port}`
        yield* Effect.promise(async () => {
          await using client = await createClient({ nodes: [transport === "rpc" ? address : `http://${address}`] })
          const lock = await client.acquire(`cut/${transport}`)
          const { holders, lastToken } = await client.get(`cut/${transport}`)
          assert.deepStrictEqual([holders.length, lastToken], [1, lock.token])
        })
        assert.isAbove(proxy.connections(), 3)
      }))
  }
})
