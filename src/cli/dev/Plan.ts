/**
 * Which nodes a cluster on this machine has, and how each is told so. The same checks as a node's own
 * run over every one of them before the first is started.
 */
import { Array, Effect } from "effect"
import { environment, preset } from "../../node/config/ConfigSource.ts"
import { formatAddress, isWildcard } from "../../node/config/Peers.ts"
import { flagName } from "../../node/config/Setting.ts"
import { WrongSettings } from "../../node/config/WrongSettings.ts"
import { type Loaded, NodeConfig } from "../../node/NodeConfig.ts"
import type { Color } from "../Style.ts"

export interface DevOptions {
  readonly nodes: number
  readonly httpPort: number
  readonly raftPort: number
  readonly rpcPort: number
  readonly dataDir: string
}

export interface PlannedNode extends Loaded {
  /** What `holdfast` is called with to start it. */
  readonly args: ReadonlyArray<string>
  readonly color: Color
}

export type Plan = Array.NonEmptyReadonlyArray<PlannedNode>

type Variables = Readonly<Record<string, string | undefined>>

export const plan = Effect.fnUntraced(function*(options: DevOptions, variables: Variables) {
  const nodes = yield* Effect.forEach(
    valuesOf(options, hostOf(variables)),
    (values, position) =>
      NodeConfig.load([preset("holdfast dev", values), environment(variables)]).pipe(
        Effect.map((loaded): PlannedNode => ({
          ...loaded,
          args: argsOf(values),
          color: colors[position % colors.length] ?? "white"
        }))
      )
  )
  const [clash] = clashes(nodes)
  if (clash !== undefined) return yield* WrongSettings.about(clash)
  return nodes satisfies Plan
})

/** Those that log levels leave free. */
const colors: ReadonlyArray<Color> = ["cyan", "magenta", "white"]

/** The settings that tell the nodes apart; all others are the environment's or the defaults. */
const valuesOf = ({ dataDir, httpPort, nodes, raftPort, rpcPort }: DevOptions, host: string) => {
  const positions = Array.range(0, nodes - 1)
  const nodeId = (position: number) => `node${position + 1}`
  const peers = positions.map((position) => `${nodeId(position)}@${formatAddress({ host, port: raftPort + position })}`)
  return Array.map(positions, (position) => ({
    nodeId: nodeId(position),
    httpPort: httpPort + position,
    raftPort: raftPort + position,
    rpcPort: rpcPort + position,
    dataDir: `${dataDir}/${nodeId(position)}`,
    peers: peers.join(",")
  }))
}

/** Where the nodes reach each other: the host they listen on, unless that stands for every address. */
const hostOf = (variables: Variables): string => {
  const host = environment(variables).values["host"]
  return typeof host === "string" && !isWildcard(host) ? host : "127.0.0.1"
}

const argsOf = (values: Readonly<Record<string, unknown>>): ReadonlyArray<string> => [
  "start",
  ...Object.entries(values).map(([key, value]) => `--${flagName(key)}=${String(value)}`)
]

export interface NamedPort {
  readonly port: number
  readonly name: string
  /** The flag of `dev` that moves it. */
  readonly flag: string
}

export const portsOf = ({ config: { httpPort, nodeId, raftPort, rpcPort } }: PlannedNode): ReadonlyArray<NamedPort> => [
  { port: httpPort, name: `HTTP of ${nodeId}`, flag: "--http-port" },
  { port: raftPort, name: `Raft of ${nodeId}`, flag: "--raft-port" },
  { port: rpcPort, name: `RPC of ${nodeId}`, flag: "--rpc-port" }
]

const clashes = (nodes: ReadonlyArray<PlannedNode>): ReadonlyArray<string> => {
  const ports = nodes.flatMap(portsOf)
  return ports.flatMap(({ flag, name, port }, position) => {
    const earlier = ports.slice(0, position).find((other) => other.port === port)
    return earlier === undefined
      ? []
      : [`port ${port} would be both ${earlier.name} and ${name}; ports count up from ${earlier.flag} and ${flag}`]
  })
}
