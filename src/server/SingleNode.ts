/**
 * One node of a cluster, as it runs in production: SQLite below, TCP between peers, HTTP and client RPC for
 * everybody. It needs a `NodeConfig` and no other service.
 */
import { Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { FetchHttpClient } from "effect/http"
import { Limits } from "../api/Limits.ts"
import { LockStore } from "../node/LockStore.ts"
import * as LogStoreSqlite from "../node/logstore/LogStoreSqlite.ts"
import { NodeConfig } from "../node/NodeConfig.ts"
import { RaftNode } from "../node/RaftNode.ts"
import * as SnapshotStoreFile from "../node/snapshotstore/SnapshotStoreFile.ts"
import * as TransportCuttable from "../node/transport/TransportCuttable.ts"
import * as TransportTcp from "../node/transport/TransportTcp.ts"
import * as ClusterAdminNode from "./ClusterAdminNode.ts"
import * as ClusterStatusNode from "./ClusterStatusNode.ts"
import * as ClusterViewNode from "./ClusterViewNode.ts"
import * as EventsNode from "./EventsNode.ts"
import * as HttpRoutes from "./http/HttpRoutes.ts"
import * as HttpServerNode from "./http/HttpServerNode.ts"
import * as LocksCluster from "./LocksCluster.ts"
import { makeTraffic, Traffic } from "./metrics/Traffic.ts"
import * as MetricsNode from "./MetricsNode.ts"
import * as RpcServerNode from "./rpc/RpcServerNode.ts"

const fromConfig = <A, E, R>(layer: (config: NodeConfig["Service"]) => Layer.Layer<A, E, R>) =>
  Layer.unwrap(Effect.map(NodeConfig, layer))

const logStore = fromConfig(({ dataDir, nodeId }) => LogStoreSqlite.layer({ dataDir, nodeId }))

const snapshotStore = fromConfig(({ dataDir }) => SnapshotStoreFile.layer({ dataDir }))

const transport = TransportCuttable.layer.pipe(
  Layer.provide(fromConfig(({ host, raftPort }) => TransportTcp.layer({ listen: { host, port: raftPort } })))
)

const http = fromConfig(({ host, httpPort, limits }) =>
  HttpRoutes.layer.pipe(
    Layer.provide([HttpServerNode.layer({ host, port: httpPort }), Layer.succeed(Limits, limits)])
  )
)

const rpc = fromConfig(({ host, limits, rpcPort }) =>
  RpcServerNode.layer({ host, port: rpcPort }).pipe(Layer.provide(Layer.succeed(Limits, limits)))
)

const node = RaftNode.layer.pipe(
  Layer.provide([LockStore.layer, Layer.provideMerge(snapshotStore, logStore), transport])
)

/** Closed before all that serves, so that requests are still answered while another node takes over. */
const handsOver = Layer.effectDiscard(
  Effect.flatMap(RaftNode, ({ handOver }) => Effect.addFinalizer(() => handOver))
)

const layer = handsOver.pipe(
  Layer.provideMerge(Layer.merge(http, rpc)),
  Layer.provide([LocksCluster.layer, EventsNode.layer, ClusterAdminNode.layer]),
  Layer.provide(ClusterStatusNode.layer),
  Layer.provide([MetricsNode.layer, Layer.provide(ClusterViewNode.layer, FetchHttpClient.layer)]),
  Layer.provideMerge(node),
  Layer.provide(Layer.sync(Traffic, makeTraffic)),
  Layer.provide(SecureRandom.layerWebCrypto)
)

export const SingleNode = { layer }
