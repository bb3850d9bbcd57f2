/**
 * Where clients reach this node, as it tells its peers and whoever asks. It is never an address that means another
 * machine to whoever reads it elsewhere, unless that is what its peers are told as well.
 */
import type { NodeId } from "../../raft/Membership.ts"
import { formatAddress, isWildcard, type Peers } from "./Peers.ts"

interface Listening {
  readonly nodeId: NodeId
  readonly host: string
  readonly httpPort: number
  readonly rpcPort: number
  readonly peers: Peers
}

export const ownAddresses = ({ host: listens, httpPort, nodeId, peers, rpcPort }: Listening) => {
  // Who listens at every address is reached by clients where its peers reach it.
  const host = isWildcard(listens) ? peers.get(nodeId)?.host ?? listens : listens
  return { http: formatAddress({ host, port: httpPort }), rpc: formatAddress({ host, port: rpcPort }) }
}
