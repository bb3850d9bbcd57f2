/**
 * A peer in a thread of its own. It counts into shared memory the messages that it hears, so that
 * the node's thread can wait for them without letting its own event loop turn; and it says there
 * whether it could listen.
 */
import { Effect, Logger } from "effect"
import { workerData } from "node:worker_threads"
import { Transport } from "../../../src/node/Transport.ts"
import * as TransportTcp from "../../../src/node/transport/TransportTcp.ts"
import type { NodeId } from "../../../src/raft/Membership.ts"
import { helloOf } from "./Node.ts"
import { heardAt, open, portTaken, stateAt } from "./slots.ts"

export interface Data {
  readonly self: NodeId
  readonly peer: NodeId
  readonly port: number
  readonly peerPort: number
  readonly shared: Int32Array
}

const { peer, peerPort, port, self, shared } = workerData as Data
const host = "127.0.0.1"

const tell = (state: number): void => {
  Atomics.store(shared, stateAt, state)
  Atomics.notify(shared, stateAt)
}

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
        Atomics.add(shared, heardAt, event.messages.length)
        Atomics.notify(shared, heardAt)
      })
  })
  tell(open)
  return yield* Effect.never
})

Effect.runFork(
  Effect.scoped(program).pipe(
    Effect.catch(() => Effect.sync(() => tell(portTaken))),
    Effect.provide([TransportTcp.layer({ listen: { host, port } }), Logger.layer([])])
  )
)
