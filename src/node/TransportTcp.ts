/**
 * A `Transport` over TCP. Whoever offers has handed its bytes to the kernel when it goes on, unless
 * the peer does not keep up: the node syncs its disk right after, and that blocks everything.
 */
import { Layer } from "effect"
import { type Address, Transport } from "./Transport.ts"
import { open } from "./transport/Linking.ts"
import { tcp } from "./transport/Tcp.ts"

/** `listen` is where this node hears its peers. */
export const layer = (config: { readonly listen: Address }): Layer.Layer<Transport> =>
  Layer.succeed(Transport, { open: (options) => open(tcp(config.listen), options) })
