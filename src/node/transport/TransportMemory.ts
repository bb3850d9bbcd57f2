/**
 * A `Transport` over a network in memory, for tests and simulators: the whole of the TCP transport,
 * handshakes, frames and keep-alives included, with another wire below. `Network` breaks it.
 */
import { Effect, Layer } from "effect"
import { Transport } from "../Transport.ts"
import { open } from "./Linking.ts"
import { Network } from "./Network.ts"
import type { Versions } from "./Preamble.ts"
import { ourVersions } from "./Protocol.ts"

/**
 * All nodes that share a `Network` reach each other by their ids; addresses mean nothing. `versions` are
 * those of the protocol, as over TCP.
 */
export const layer = ({ versions = ourVersions }: { readonly versions?: Versions } = {}): Layer.Layer<
  Transport,
  never,
  Network
> =>
  Layer.effect(
    Transport,
    Effect.map(Network, (network) => ({
      open: (options) => open(network.medium(options.self), { ...options, versions })
    }))
  )
