/**
 * The three nodes that a clone starts with no further word: fixed names, ports and directories on this
 * machine. A profile is a set of defaults; whatever else is set stands above it.
 */
import { type ConfigSource, preset } from "./ConfigSource.ts"

export const profileNames = ["node1", "node2", "node3"] as const

export type ProfileName = typeof profileNames[number]

export const profile = (name: ProfileName): ConfigSource => {
  const position = profileNames.indexOf(name)
  return preset(`profile ${name}`, {
    nodeId: name,
    httpPort: 8081 + position,
    rpcPort: 7081 + position,
    peers: profileNames.map((peer, index) => `${peer}@127.0.0.1:${9081 + index}`)
  })
}
