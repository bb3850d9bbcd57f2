/**
 * The node's client RPC on a port of its own. What HTTP answers is answered here too, by the same services.
 *
 * When it stops it first lets requests finish, for a bounded time, and then ends the connections.
 */
import { Effect, Layer } from "effect"
import { RpcServer } from "effect/rpc"
import { NodeRpcs } from "../../api/rpc/NodeRpcs.ts"
import { layerSerialization } from "../../api/rpc/Wire.ts"
import { Events } from "../Events.ts"
import { Locks } from "../Locks.ts"
import * as AdminHandlers from "./AdminHandlers.ts"
import { Conversations } from "./Conversations.ts"
import * as LookHandlers from "./LookHandlers.ts"
import * as RpcTcp from "./RpcTcp.ts"
import * as WatchHandlers from "./WatchHandlers.ts"

/** Far longer than any request, and short enough that many strangers cannot fill the memory. */
const frameBytesMax = 1024 * 1024

// What goes on for ever is told that it ends here, and the rest may finish.
const stopping = Layer.effectDiscard(Effect.gen(function*() {
  const { letGo } = yield* RpcTcp.RpcPort
  const conversations = yield* Conversations
  const events = yield* Events
  const locks = yield* Locks
  yield* Effect.addFinalizer(() => Effect.all([locks.drain, conversations.end, events.drain, letGo]))
}))

export const layer = (options: RpcTcp.Options) =>
  stopping.pipe(
    Layer.provide(
      RpcServer.layer(NodeRpcs, { disableTracing: true, disableFatalDefects: true }).pipe(
        Layer.provide([AdminHandlers.layer, LookHandlers.layer, WatchHandlers.layer])
      )
    ),
    Layer.provideMerge(RpcTcp.layer(options)),
    Layer.provide(Conversations.layer),
    Layer.provide(layerSerialization(frameBytesMax))
  )
