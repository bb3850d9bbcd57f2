/**
 * A real HTTP server on a free port, in front of fake locks, a fake cluster and a node that says the same of itself
 * for ever. It stops with its scope.
 */
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import type { Status } from "../../../src/api/Cluster.ts"
import type { NodeView, Overview } from "../../../src/api/Overview.ts"
import { EventLog } from "../../../src/node/EventLog.ts"
import { ClusterAdmin } from "../../../src/server/ClusterAdmin.ts"
import { ClusterStatus } from "../../../src/server/ClusterStatus.ts"
import { ClusterView } from "../../../src/server/ClusterView.ts"
import { Events } from "../../../src/server/Events.ts"
import { makeEvents } from "../../../src/server/EventsNode.ts"
import * as HttpRoutes from "../../../src/server/http/HttpRoutes.ts"
import * as HttpServerNode from "../../../src/server/http/HttpServerNode.ts"
import { Locks } from "../../../src/server/Locks.ts"
import { Metrics } from "../../../src/server/Metrics.ts"
import { type AdminRecorder, makeAdmin, makeAdminRecorder } from "../FakeAdmin.ts"
import { makeLocks, makeRecorder, type Recorder } from "./FakeLocks.ts"

export const status: Status = {
  nodeId: "node1",
  state: "FOLLOWER",
  term: 3,
  leaderId: null,
  commitIndex: 10,
  lastApplied: 9,
  lastLogIndex: 12,
  members: [{ nodeId: "node1", raft: "127.0.0.1:9081", http: "127.0.0.1:8081", rpc: null, voter: true, self: true }],
  uptimeMs: 1234,
  version: "0.1.0"
}

const view: NodeView = {
  nodeId: "node1",
  state: "FOLLOWER",
  term: 3,
  leaderId: null,
  commitIndex: 10,
  lastApplied: 9,
  lastLogIndex: 12,
  snapshotIndex: 0,
  uptimeMs: 1234,
  stalled: null,
  peers: [{ nodeId: "node2", linked: false, lagEntries: null, cut: false }],
  lockCount: 2,
  heldCount: 2,
  waitingCount: 1,
  sessionCount: 3,
  counts: {
    grants: 5,
    releases: 2,
    expiries: 1,
    waitSeconds: 1.5,
    commits: 0,
    commitSeconds: 0,
    appends: 12,
    appendSeconds: 0.25
  }
}

const overview: Overview = {
  nodes: [
    { nodeId: "node1", http: "127.0.0.1:8081", voter: true, self: true, view, silence: null },
    { nodeId: "node2", http: null, voter: true, self: false, view: null, silence: "has not connected yet" }
  ]
}

export interface Options extends Partial<HttpServerNode.Options> {
  readonly recorder?: Recorder
  readonly adminRecorder?: AdminRecorder
  readonly ready?: boolean
  readonly stubborn?: boolean
  readonly eventLog?: EventLog
}

export const layer = (
  {
    adminRecorder = makeAdminRecorder(),
    eventLog = new EventLog(100, 0),
    ready = false,
    recorder = makeRecorder(),
    stubborn = false,
    ...options
  }: Options = {}
) =>
  HttpRoutes.layer.pipe(
    Layer.provideMerge(HttpServerNode.layer({ host: "127.0.0.1", port: 0, ...options })),
    Layer.provide(Layer.effect(Locks, makeLocks(recorder, stubborn))),
    Layer.provide(Layer.sync(Events, () => makeEvents(eventLog))),
    Layer.provide(Layer.succeed(ClusterView, { view: Effect.succeed(view), overview: Effect.succeed(overview) })),
    Layer.provide(Layer.succeed(Metrics, { scrape: Effect.succeed("holdfast_raft_term 3\n") })),
    Layer.provide(Layer.sync(ClusterAdmin, () => makeAdmin(adminRecorder))),
    Layer.provide(
      Layer.succeed(ClusterStatus, { status: Effect.succeed(status), ready: Effect.sync(() => ready) })
    )
  )

export const port = Effect.map(HttpServer.HttpServer, ({ address }) => {
  if (address._tag === "UnixPathAddress") throw new Error("not listening on TCP")
  return address.port
})
