/**
 * This node and its peers, out of the settings that name them: no node starts without knowing who it is
 * and who the others are, for a node that guessed would found a cluster of its own.
 */
import { Result } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { Address } from "../Transport.ts"
import { isWildcard, parsePeers, type Peers } from "./Peers.ts"
import type { Key, Reading } from "./Reading.ts"
import { flagName, variableName } from "./Setting.ts"

export interface Cluster {
  readonly nodeId: NodeId
  readonly peers: Peers
  /** Where the others reach this node. */
  readonly self: Address
}

/** A node that `joins` is told where some of the cluster is, and need not be named there itself. */
export const clusterOf = (reading: Reading, joins: boolean): Result.Result<Cluster, ReadonlyArray<string>> => {
  const { describe, values: { nodeId, peers: written } } = reading
  const missing = [...unset(reading, "nodeId"), ...unset(reading, "peers")]
  if (written === null) return Result.fail(missing)
  const parsed = parsePeers(written)
  if (Result.isFailure(parsed)) {
    return Result.fail([...missing, `peers ${describe("peers", written)}: ${parsed.failure.join("; ")}`])
  }
  if (nodeId === null) return Result.fail(missing)
  const cluster = joins ? joining(reading, nodeId, parsed.success) : founding(nodeId, parsed.success)
  return Result.mapError(cluster, (must) => [`peers ${describe("peers", written)}, but must ${must}`])
}

const founding = (nodeId: NodeId, peers: Peers): Result.Result<Cluster, string> => {
  const self = peers.get(nodeId)
  return self === undefined
    ? Result.fail(`name this node, ${nodeId}, too`)
    : Result.succeed({ nodeId, peers, self })
}

const joining = (
  { values: { host, raftPort } }: Reading,
  nodeId: NodeId,
  peers: Peers
): Result.Result<Cluster, string> => {
  if ([...peers.keys()].every((id) => id === nodeId)) return Result.fail("name a node of the cluster that is joined")
  const named = peers.get(nodeId)
  if (named !== undefined) return Result.succeed({ nodeId, peers, self: named })
  if (host === null || raftPort === null) return Result.fail(`name this node, ${nodeId}, too, or raftPort must be set`)
  if (isWildcard(host)) return Result.fail(`name this node, ${nodeId}, too: nobody can reach it at ${host}`)
  const self = { host, port: raftPort }
  return Result.succeed({ nodeId, peers: new Map([...peers, [nodeId, self]]), self })
}

const unset = ({ isGiven }: Reading, key: Key): ReadonlyArray<string> =>
  isGiven(key)
    ? []
    : [`${key} is not set: give --${flagName(key)}, ${variableName(key)}, "${key}" in a config file, or a profile`]
