/**
 * The client library against a cluster in one process: the real client and the real conversations of the nodes, with
 * links in memory that a test cuts, silences or makes refuse, and the test's clock.
 */
import { type Cause, Clock, Context, Deferred, Effect, Layer, Queue, Stream } from "effect"
import type { SessionId } from "../../src/api/Fields.ts"
import * as Packed from "../../src/api/rpc/Packed.ts"
import { NoAnswer } from "../../src/client/ClientErrors.ts"
import type { ClientOptions } from "../../src/client/ClientOptions.ts"
import { LeaseClock, MachineUptime } from "../../src/client/LeaseClock.ts"
import { LockClient } from "../../src/client/LockClient.ts"
import { ClientTransport } from "../../src/client/transport/ClientTransport.ts"
import { RaftNode } from "../../src/node/RaftNode.ts"
import { Tracing } from "../../src/node/tracing/Tracing.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import * as ClusterStatusNode from "../../src/server/ClusterStatusNode.ts"
import { Locks } from "../../src/server/Locks.ts"
import { Conversations } from "../../src/server/rpc/Conversations.ts"
import { makeCluster, type Settings } from "../cluster/Cluster.ts"

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>

const addressOf = (id: NodeId) => `127.0.0.1:${7080 + Number(id.replace(/\D/g, ""))}`

interface LinkState {
  readonly id: NodeId
  readonly end: Effect.Effect<unknown>
}

export interface Faults {
  readonly links: Set<LinkState>
  /** Nodes that take connections and batches, and say nothing. */
  readonly silent: Set<NodeId>
  /** Nodes whose answers are lost, although they do what they are asked. */
  readonly unheard: Set<NodeId>
  /** Addresses of nodes that nobody reaches. */
  readonly refusing: Set<NodeId>
  /** Sessions that clients have spoken in, in the order of their first words. */
  readonly sessions: Set<SessionId>
  connections: number
  batches: number
  /** How long the machine of the clients has slept, in milliseconds. */
  asleepMillis: number
}

const makeTransport = (cluster: Cluster, faults: Faults, { tracing = () => null }: Settings) =>
  ClientTransport.of({
    nodes: cluster.ids.map(addressOf),
    followsLeader: true,
    watch: () => Stream.die(new Error("nobody watches here")),
    connect: Effect.fnUntraced(function*(address, hear) {
      const id = NodeId.make(`node${Number(address.split(":")[1]) - 7080}`)
      if (!cluster.isUp(id) || faults.refusing.has(id)) {
        return yield* new NoAnswer({ address, why: "connection refused" })
      }
      faults.connections += 1
      if (faults.silent.has(id)) {
        yield* Effect.sleep(3000).pipe(Effect.andThen(new NoAnswer({ address, why: "silent" })))
      }
      const { locks, node } = cluster.at(id)
      const context = yield* Layer.build(
        Layer.fresh(Conversations.layer).pipe(
          Layer.provide(ClusterStatusNode.layer),
          Layer.provide([Layer.succeed(RaftNode, node), Layer.succeed(Locks, locks)]),
          Layer.provide(Layer.succeed(Tracing, tracing(id)))
        )
      )
      const ended = Deferred.makeUnsafe<never, NoAnswer>()
      const state = { id, end: Deferred.fail(ended, new NoAnswer({ address, why: "ended the connection" })) }
      faults.links.add(state)
      yield* Effect.addFinalizer(() => Effect.sync(() => faults.links.delete(state)))
      const isHeard = () => !faults.silent.has(id) && !faults.unheard.has(id)
      const told = yield* Queue.unbounded<Uint8Array, Cause.Done>()
      const operate = yield* Context.get(context, Conversations).open({
        tell: (outcomes) => void Queue.offerUnsafe(told, outcomes.slice()),
        ended: () => void Queue.endUnsafe(told)
      })
      yield* Stream.fromQueue(told).pipe(
        Stream.runForEach((bytes) => Effect.sync(() => isHeard() && hear(Packed.outcomes.decode(bytes)))),
        Effect.andThen(state.end),
        Effect.forkScoped({ startImmediately: true })
      )
      return {
        address,
        send: (groups) => {
          faults.batches += 1
          for (const { session } of groups) if (session !== undefined) faults.sessions.add(session)
          return faults.silent.has(id) ? Effect.never : Effect.sync(() => operate(Packed.batch.encode(groups)))
        },
        ended: Deferred.await(ended)
      }
    })
  })

const machineUptime = (faults: Faults) =>
  Effect.map(Clock.Clock, (clock) => () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6 + faults.asleepMillis)

/** A cluster of three with a leader, and as many clients as a test makes. */
export const makeClientCluster = Effect.fnUntraced(function*(settings: Settings = {}) {
  const cluster = yield* makeCluster(3, undefined, settings)
  yield* cluster.elect
  const faults: Faults = {
    links: new Set(),
    silent: new Set(),
    unheard: new Set(),
    refusing: new Set(),
    sessions: new Set(),
    connections: 0,
    batches: 0,
    asleepMillis: 0
  }
  const transport = makeTransport(cluster, faults, settings)
  const endLinks = (id: NodeId) =>
    Effect.forEach([...faults.links].filter((link) => link.id === id), ({ end }) => end, { discard: true })
  return {
    cluster,
    faults,
    endLinks,
    /** Where the clients are connected to now. */
    linkedTo: () => [...faults.links].map(({ id }) => id),
    crash: (id: NodeId) => Effect.andThen(cluster.crash(id), endLinks(id)),
    /** A client of its own, which lives as long as the scope. */
    client: Effect.fnUntraced(function*(options: Omit<ClientOptions, "nodes"> = {}) {
      const layer = LockClient.layer(options).pipe(
        Layer.provide([Layer.succeed(ClientTransport, transport), LeaseClock.layer]),
        Layer.provide(Layer.effect(MachineUptime, machineUptime(faults)))
      )
      return Context.get(yield* Layer.build(Layer.fresh(layer)), LockClient)
    })
  }
})
