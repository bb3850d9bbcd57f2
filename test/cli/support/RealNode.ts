/**
 * A real node in this process, alone in its cluster: on free ports, with its disk in a directory that is gone with it.
 */
import { NodeFileSystem } from "@effect/platform-node"
import { Context, Effect, Layer, Logger, Schedule } from "effect"
import { flags } from "../../../src/node/config/ConfigSource.ts"
import { NodeConfig } from "../../../src/node/NodeConfig.ts"
import { RaftNode } from "../../../src/node/RaftNode.ts"
import { SingleNode } from "../../../src/server/SingleNode.ts"
import { freePorts } from "../../e2e/harness/FreePorts.ts"
import { directory } from "./Directory.ts"

export class RealNode extends Context.Service<RealNode, {
  /** Where it is, `host:port`. */
  readonly http: string
  readonly raft: string
  readonly rpc: string
}>()("test/cli/RealNode") {}

/** Runs it on this disk until the scope closes, and waits until it leads. */
export const start = Effect.fnUntraced(function*(dataDir: string, more: Readonly<Record<string, string>> = {}) {
  const [http = 0, raft = 0, rpc = 0] = yield* freePorts(3)
  const peers = `solo@127.0.0.1:${raft}`
  const ports = { httpPort: `${http}`, raftPort: `${raft}`, rpcPort: `${rpc}` }
  const { config } = yield* NodeConfig.load([flags({ nodeId: "solo", dataDir, peers, ...ports, ...more })])
  const node = yield* Layer.build(SingleNode.layer).pipe(Effect.provideService(NodeConfig, config))
  const { status } = Context.get(node, RaftNode)
  yield* Effect.repeat(status, { until: ({ role }) => role === "Leader", schedule: Schedule.spaced("20 millis") })
  const at = (port: number) => `127.0.0.1:${port}`
  return RealNode.of({ http: at(http), raft: at(raft), rpc: at(rpc) })
}, Effect.provide([NodeFileSystem.layer, Logger.layer([])]))

export const layer = Layer.effect(RealNode, Effect.flatMap(directory, start))
