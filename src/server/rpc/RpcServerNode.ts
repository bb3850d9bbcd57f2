/**
 * The node's client RPC on a port of its own. What HTTP answers is answered here too, by the same services.
 *
 * When it stops it first lets requests finish, for a bounded time, and then ends the connections.
 */
import { Effect, Layer } from "effect"
import { RpcServer } from "effect/rpc"
import { AdminRpcs } from "../../api/rpc/AdminRpcs.ts"
import { layerSerialization } from "../../api/rpc/Wire.ts"
import * as AdminHandlers from "./AdminHandlers.ts"
import * as RpcTcp from "./RpcTcp.ts"

/** Far longer than any request, and short enough that many strangers cannot fill the memory. */
const frameBytesMax = 1024 * 1024

const stopping = Layer.effectDiscard(
  Effect.flatMap(RpcTcp.RpcPort, ({ letGo }) => Effect.addFinalizer(() => letGo))
)

export const layer = (options: RpcTcp.Options) =>
  stopping.pipe(
    Layer.provide(
      RpcServer.layer(AdminRpcs, { disableTracing: true, disableFatalDefects: true }).pipe(
        Layer.provide(AdminHandlers.layer)
      )
    ),
    Layer.provideMerge(RpcTcp.layer(options)),
    Layer.provide(layerSerialization(frameBytesMax))
  )
