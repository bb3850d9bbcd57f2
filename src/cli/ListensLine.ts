/**
 * The line that a node prints on stdout once it serves. People read it, and so does `holdfast dev`, to
 * know that a node of its own has come up.
 */
import { formatAddress } from "../node/config/Peers.ts"
import type { NodeConfig } from "../node/NodeConfig.ts"

export const listensLine = ({ dataDir, host, httpPort, nodeId, raftPort, rpcPort }: NodeConfig["Service"]): string => {
  const at = (port: number) => formatAddress({ host, port })
  return `${nodeId} listens: http ${at(httpPort)}, raft ${at(raftPort)}, rpc ${at(rpcPort)}, data ${dataDir}`
}

export const isListensLine = (line: string): boolean => /^\S+ listens: /.test(line)
