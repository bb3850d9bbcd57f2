/**
 * What is allowed and yet worth a word when a node starts.
 */
import type { Cluster } from "./Cluster.ts"
import type { ConfigSource } from "./ConfigSource.ts"
import { formatAddress } from "./Peers.ts"
import type { Reading } from "./Reading.ts"
import { variableName } from "./Setting.ts"
import { keys } from "./Settings.ts"
import { unknownSetting } from "./WrongSettings.ts"

export const warningsOf = (
  sources: ReadonlyArray<ConfigSource>,
  { describe, values }: Reading,
  { peers, self }: Cluster,
  joins: boolean
): ReadonlyArray<string> => {
  const { host, raftPort } = values
  const open = isLoopback(host ?? "")
    ? []
    : [
      `host ${
        describe("host", host)
      }: whoever reaches these ports can use the locks, for there is no authentication yet`
    ]
  // Who joins is told of some nodes of its cluster, and need not be told of all.
  const even = !joins && peers.size % 2 === 0
    ? [`a cluster of ${peers.size} nodes survives no more failures than one of ${peers.size - 1}`]
    : []
  const forwarded = raftPort === null || raftPort === self.port
    ? []
    : [
      `raftPort ${describe("raftPort", raftPort)}, but peers go to ${
        formatAddress(self)
      }: right only if that is forwarded here`
    ]
  return [...strangers(sources), ...open, ...even, ...forwarded]
}

const strangers = (sources: ReadonlyArray<ConfigSource>): ReadonlyArray<string> =>
  sources.flatMap((source) =>
    source.strangers.map((name) => unknownSetting(name, "the environment", keys.map(variableName)))
  )

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
