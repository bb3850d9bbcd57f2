/**
 * A `Transport` over TCP. Whoever offers has handed its bytes to the kernel when it goes on, unless
 * the peer does not keep up: the node syncs its disk right after, and that blocks everything.
 */
import { Layer } from "effect"
import { type Address, Transport } from "../Transport.ts"
import { open } from "./Linking.ts"
import type { Versions } from "./Preamble.ts"
import { ourVersions } from "./Protocol.ts"
import { tcp } from "./Tcp.ts"

export interface Config {
  /** Where this node hears its peers. */
  readonly listen: Address
  /** Of the protocol; all that this release knows when it is not given. */
  readonly versions?: Versions
}

export const layer = ({ listen, versions = ourVersions }: Config): Layer.Layer<Transport> =>
  Layer.succeed(Transport, { open: (options) => open(tcp(listen), { ...options, versions }) })
