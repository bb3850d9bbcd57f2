/**
 * One whole node as production runs it, but for the two layers that touch the world: started on its disk, ended by a
 * crash or by a disk that breaks under it, and started again.
 */
import { Cause, Context, Effect, Exit, Layer, Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { defaults, Limits } from "../../api/Limits.ts"
import { NodeConfig } from "../../node/NodeConfig.ts"
import { RaftNode } from "../../node/RaftNode.ts"
import { Network } from "../../node/transport/Network.ts"
import * as TransportMemory from "../../node/TransportMemory.ts"
import type { NodeId } from "../../raft/Membership.ts"
import * as ClusterStatusNode from "../../server/ClusterStatusNode.ts"
import { Locks } from "../../server/Locks.ts"
import * as LocksCluster from "../../server/LocksCluster.ts"
import { Conversations } from "../../server/rpc/Conversations.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { NodeDisk } from "./NodeDisk.ts"
import type { Oracle } from "./Oracle.ts"
import * as Promises from "./Promises.ts"
import type { Rules } from "./Rules.ts"

/** A node that is up. */
export interface Running {
  readonly node: RaftNode["Service"]
  readonly locks: Locks["Service"]
  readonly conversations: Conversations["Service"]
  readonly scope: Scope.Closeable
}

export interface HostContext {
  readonly network: Network["Service"]
  readonly peers: NodeConfig["Service"]["peers"]
  readonly oracle: Oracle
  readonly rules: Rules
  readonly scenario: Scenario
  readonly rng: Rng
}

export class NodeHost {
  readonly id: NodeId
  readonly at: number
  readonly disk: NodeDisk
  running: Running | undefined
  /** Counts lives. */
  life = 0
  /** Why it could not start the last time that it could not. */
  refusal = ""
  readonly #context: HostContext

  constructor(id: NodeId, at: number, disk: NodeDisk, context: HostContext) {
    this.id = id
    this.at = at
    this.disk = disk
    this.#context = context
  }

  /** Starts it, if it is down. On a disk that is in trouble it may not get up: then it is tried again later. */
  readonly start: Effect.Effect<void> = Effect.suspend(() => this.running ? Effect.void : this.#start())

  /** It loses its power. */
  readonly crash: Effect.Effect<void> = Effect.suspend(() => {
    const { running } = this
    if (!running) return Effect.void
    this.running = undefined
    this.life += 1
    return this.#context.network.crash(this.id).pipe(
      Effect.andThen(Scope.close(running.scope, Exit.void)),
      Effect.andThen(Effect.sync(() => this.disk.crash()))
    )
  })

  #start(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const scope = yield* Scope.make()
      const built = yield* Effect.exit(Scope.provide(Layer.build(Layer.fresh(this.#layer())), scope))
      if (Exit.isFailure(built)) {
        this.refusal = Cause.pretty(built.cause).split("\n")[0] ?? ""
        return yield* Scope.close(scope, Exit.void)
      }
      const of = <I, S>(service: Context.Service<I, S>) => Context.get(built.value as Context.Context<I>, service)
      this.running = { node: of(RaftNode), locks: of(Locks), conversations: of(Conversations), scope }
    })
  }

  #layer() {
    const { network, oracle, rng, rules } = this.#context
    const transport = Layer.provide(TransportMemory.layer(), Layer.succeed(Network, network))
    return Conversations.layer.pipe(
      Layer.provide([ClusterStatusNode.layer, Layer.succeed(Limits, limits)]),
      Layer.provideMerge(LocksCluster.layer),
      Layer.provideMerge(RaftNode.layer),
      Layer.provide([
        oracle.layer(this.id),
        this.disk.layer,
        Promises.layer(transport, this.id, this.disk.log, rules),
        Layer.succeed(NodeConfig, this.#config())
      ]),
      Layer.provide(Layer.succeed(SecureRandom.SecureRandom, SecureRandom.make(bytesFrom(rng))))
    )
  }

  #config(): NodeConfig["Service"] {
    const { peers, scenario: { settings: { retainedEntries }, snapshotMillis, timings } } = this.#context
    const entries = snapshotMillis === 0 ? 100_000 : Math.ceil(snapshotMillis / 20)
    return NodeConfig.of({
      nodeId: this.id,
      host: "127.0.0.1",
      httpPort: 8081 + this.at,
      raftPort: 9081 + this.at,
      rpcPort: 7081 + this.at,
      dataDir: "",
      peers,
      joins: false,
      timings: { ...timings, clockStepMillisMax: timings.electionMillisMin, leaderWaitMillis: 2000 },
      snapshots: { entries, bytesMin: 1, retainedEntries },
      eventsKept: 100,
      historyKept: 100,
      limits
    })
  }
}

/** Leases may be short here, so that many end in a short run. */
const limits = { ...defaults, ttlMillisMin: 100, maxHoldMillisMin: 1 }

/** Nobody guesses in here: they need be no secret, only never the same. */
const bytesFrom = (rng: Rng) => (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, () => rng.between(0, 255))
