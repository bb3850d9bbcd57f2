/**
 * A network of its own for each node, joined by a bridge, so that one can be cut off as by a pulled cable:
 * packets are lost in both directions and no connection is closed. It takes Linux, root and `ip`.
 */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import type { Site } from "./BenchCluster.ts"

export interface Cable {
  readonly site: Site
  readonly pull: () => void
  readonly plug: () => void
  /** Loses all packets that it sends to this address, and none that come from there. No sender is told. */
  readonly block: (host: string) => void
  readonly unblock: (host: string) => void
}

const ip = (...args: ReadonlyArray<string>): string => execFileSync("ip", args, { encoding: "utf8", stdio: "pipe" })

/** Why there can be no such networks here; null if there can. */
export const obstacle = (): string | null => {
  if (process.platform !== "linux") return "network namespaces are Linux's"
  if (process.getuid?.() !== 0) return "network namespaces are made by root only"
  try {
    ip("netns", "list")
    execFileSync("nsenter", ["--version"], { stdio: "pipe" })
    return null
  } catch (error) {
    return `ip (iproute2) and nsenter (util-linux) do not run: ${String(error)}`
  }
}

/** Addresses from 10.209.N.0/24, N of this process, with the machine itself at .254. All is gone with the scope. */
export const make = Effect.fnUntraced(function*(count: number) {
  const net = process.pid % 250
  const bridge = `hf${net}br`
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      ip("link", "add", bridge, "type", "bridge")
      ip("addr", "add", `10.209.${net}.254/24`, "dev", bridge)
      ip("link", "set", bridge, "up")
    }),
    () => Effect.sync(() => ip("link", "del", bridge))
  )
  return yield* Effect.forEach(Array.from({ length: count }, (_, at) => at + 1), (at) => cable(bridge, net, at))
})

const cable = Effect.fnUntraced(function*(bridge: string, net: number, at: number) {
  const name = `hf${net}n${at}`
  const host = `10.209.${net}.${at}`
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      ip("netns", "add", name)
      ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
      ip("-n", name, "addr", "add", `${host}/24`, "dev", "eth0")
      ip("-n", name, "link", "set", "eth0", "up")
      ip("-n", name, "link", "set", "lo", "up")
      ip("link", "set", name, "master", bridge, "up")
    }),
    () => Effect.sync(() => ip("netns", "del", name))
  )
  return {
    site: { host, within: ["nsenter", `--net=/var/run/netns/${name}`] },
    pull: () => void ip("link", "set", name, "nomaster"),
    plug: () => void ip("link", "set", name, "master", bridge),
    block: (to) => void ip("-n", name, "neigh", "replace", to, "lladdr", nowhere, "dev", "eth0", "nud", "permanent"),
    unblock: (to) => void ip("-n", name, "neigh", "del", to, "dev", "eth0")
  } satisfies Cable
})

/** An Ethernet address that nobody has. */
const nowhere = "02:00:00:00:00:01"
