/**
 * This node and its peers, out of the settings that name them: no node starts without knowing who it is
 * and who the others are, for a node that guessed would found a cluster of its own.
 */
import { Result } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { Address } from "../Transport.ts"
import { parsePeers, type Peers } from "./Peers.ts"
import type { Key, Reading } from "./Reading.ts"
import { flagName, variableName } from "./Setting.ts"

export interface Cluster {
  readonly nodeId: NodeId
  readonly peers: Peers
  /** Where the others reach this node. */
  readonly self: Address
}

export const clusterOf = (reading: Reading): Result.Result<Cluster, ReadonlyArray<string>> => {
  const { describe, values: { nodeId, peers: written } } = reading
  const missing = [...unset(reading, "nodeId"), ...unset(reading, "peers")]
  if (written === null) return Result.fail(missing)
  const parsed = parsePeers(written)
  if (Result.isFailure(parsed)) {
    return Result.fail([...missing, `peers ${describe("peers", written)}: ${parsed.failure.join("; ")}`])
  }
  if (nodeId === null) return Result.fail(missing)
  const peers = parsed.success
  const self = peers.get(nodeId)
  return self === undefined
    ? Result.fail([`peers ${describe("peers", written)}, but must name this node, ${nodeId}, too`])
    : Result.succeed({ nodeId, peers, self })
}

const unset = ({ isGiven }: Reading, key: Key): ReadonlyArray<string> =>
  isGiven(key)
    ? []
    : [`${key} is not set: give --${flagName(key)}, ${variableName(key)}, "${key}" in a config file, or a profile`]
