/**
 * A peer in a thread of its own. It counts into shared memory the messages that it hears, so that
 * the node's thread can wait for them without letting its own event loop turn.
 */
import { Effect, Logger } from "effect"
import { parentPort, workerData } from "node:worker_threads"
import { Transport } from "../../../src/node/Transport.ts"
import * as TransportTcp from "../../../src/node/TransportTcp.ts"
import type { NodeId } from "../../../src/raft/Membership.ts"
import { helloOf } from "./Node.ts"

export interface Data {
  readonly self: NodeId
  readonly peer: NodeId
  readonly port: number
  readonly peerPort: number
  readonly heard: Int32Array
}

const { heard, peer, peerPort, port, self } = workerData as Data
const host = "127.0.0.1"

const program = Effect.gen(function*() {
  const transport = yield* Transport
  yield* transport.open({
    self,
    peers: new Map([[peer, { host, port: peerPort }]]),
    hello: Effect.succeed(helloOf(self, "worker")),
    admit: () => Effect.succeed(null),
    deliver: (event) =>
      Effect.sync(() => {
        if (event._tag !== "Received") return
        Atomics.add(heard, 0, event.messages.length)
        Atomics.notify(heard, 0)
      })
  })
  parentPort?.postMessage("open")
  return yield* Effect.never
})

Effect.runFork(
  Effect.scoped(program).pipe(
    Effect.catch(() => Effect.sync(() => parentPort?.postMessage("taken"))),
    Effect.provide([TransportTcp.layer({ listen: { host, port } }), Logger.layer([])])
  )
)
