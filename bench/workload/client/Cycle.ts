/**
 * One cycle of a load: an acquire, and the release of what it got. By callbacks, since the load shares the machine with
 * the cluster.
 */
import { requestOf } from "../../../src/cli/bench/Load.ts"
import type { Client } from "../../../src/client/engine/Client.ts"

export interface Told {
  readonly granted: () => void
  readonly released: () => void
  readonly refused: () => void
}

export const begin = (client: Client["Service"], name: string, { granted, refused, released }: Told): void =>
  client.begin(requestOf(name, client.ttlMillis), {
    granted: (lock) => {
      granted()
      lock.release(released)
    },
    refused
  })
