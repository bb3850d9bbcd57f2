/**
 * What `holdfast dev` prints once its cluster is up: where each node is, and which has ended already.
 */
import { formatAddress } from "../../node/config/Peers.ts"
import { version } from "../../node/Version.ts"
import type { Style } from "../Style.ts"
import { type Row, table } from "../Table.ts"
import type { PlannedNode } from "./Plan.ts"

export interface ShownNode {
  readonly node: PlannedNode
  /** Null when it has ended. */
  readonly pid: number | null
}

export const banner = (dataDir: string, nodes: ReadonlyArray<ShownNode>, style: Style): string =>
  [
    `Holdfast ${version} runs here until Ctrl-C; ${dataDir}/dev.json says the same to scripts.`,
    "",
    table(["node", "pid", "HTTP", "Raft", "RPC", "data"], nodes.map(rowOf), style),
    ""
  ].join("\n")

const rowOf = ({ node: { color, config }, pid }: ShownNode): Row => {
  const { dataDir, host, httpPort, nodeId, raftPort, rpcPort } = config
  const at = (port: number) => formatAddress({ host, port })
  const places = pid === null ? ["has ended", "-", "-"] : [`http://${at(httpPort)}`, at(raftPort), at(rpcPort)]
  return { color, cells: [nodeId, pid === null ? "-" : String(pid), ...places, dataDir] }
}
