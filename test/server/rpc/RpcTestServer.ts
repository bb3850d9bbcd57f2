/**
 * A real RPC server on a free port, in front of a fake cluster and a node that says the same of itself for ever. It
 * stops with its scope.
 */
import { Effect, Layer } from "effect"
import type { Status } from "../../../src/api/Cluster.ts"
import { EventLog } from "../../../src/node/EventLog.ts"
import { ClusterAdmin } from "../../../src/server/ClusterAdmin.ts"
import { ClusterStatus } from "../../../src/server/ClusterStatus.ts"
import { Events } from "../../../src/server/Events.ts"
import { makeEvents } from "../../../src/server/EventsNode.ts"
import { Locks } from "../../../src/server/Locks.ts"
import * as RpcServerNode from "../../../src/server/rpc/RpcServerNode.ts"
import { type Options as TcpOptions, RpcPort } from "../../../src/server/rpc/RpcTcp.ts"
import { type AdminRecorder, makeAdmin, makeAdminRecorder } from "../FakeAdmin.ts"
import { makeLocks, makeRecorder, type Recorder } from "../http/FakeLocks.ts"
import { status } from "../http/HttpTestServer.ts"

export interface Options extends Partial<TcpOptions> {
  readonly recorder?: AdminRecorder
  readonly eventLog?: EventLog
  readonly locks?: Recorder
  readonly admin?: Partial<ClusterAdmin["Service"]>
  readonly says?: Partial<Status>
}

export const layer = (
  {
    admin = {},
    eventLog = new EventLog(100, 0),
    locks = makeRecorder(),
    recorder = makeAdminRecorder(),
    says = {},
    ...options
  }: Options = {}
) =>
  RpcServerNode.layer({ host: "127.0.0.1", port: 0, ...options }).pipe(
    Layer.provide(Layer.sync(ClusterAdmin, () => ({ ...makeAdmin(recorder), ...admin }))),
    Layer.provide(Layer.sync(Events, () => makeEvents(eventLog))),
    Layer.provide(Layer.effect(Locks, makeLocks(locks, false))),
    Layer.provide(
      Layer.succeed(ClusterStatus, { status: Effect.succeed({ ...status, ...says }), ready: Effect.succeed(true) })
    )
  )

export const port = Effect.map(RpcPort, ({ port }) => port)
