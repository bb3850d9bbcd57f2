/**
 * One whole node as production runs it, but for the two layers that touch the world: started on its disk, ended by a
 * crash or by a disk that breaks under it, and started again.
 */
import { Cause, Clock, Context, Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { defaults, Limits } from "../../api/Limits.ts"
import { NodeConfig } from "../../node/NodeConfig.ts"
import { RaftNode } from "../../node/RaftNode.ts"
import * as RenewalPace from "../../node/requests/RenewalPace.ts"
import { Network } from "../../node/transport/Network.ts"
import * as TransportMemory from "../../node/transport/TransportMemory.ts"
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
import type { SimClock } from "./SimClock.ts"
import type { Stamps } from "./Stamps.ts"

/** A node that is up. */
export interface Running {
  readonly node: RaftNode["Service"]
  readonly locks: Locks["Service"]
  readonly conversations: Conversations["Service"]
  readonly scope: Scope.Closeable
}

export interface HostContext {
  readonly network: Network["Service"]
  readonly peers: ReadonlyMap<NodeId, { readonly host: string; readonly port: number; readonly founds: boolean }>
  readonly oracle: Oracle
  readonly stamps: Stamps
  readonly rules: Rules
  readonly scenario: Scenario
  readonly rng: Rng
}

export class NodeHost {
  readonly id: NodeId
  readonly at: number
  readonly disk: NodeDisk
  readonly clock: SimClock
  running: Running | undefined
  /** Counts lives. */
  life = 0
  /** Why it could not start the last time that it could not. */
  refusal = ""
  /** It is started to be let in, on an empty disk, and founds nothing. */
  joins: boolean
  readonly #context: HostContext
  /** What a start that is under way has opened so far. */
  #rising: Scope.Closeable | undefined
  /** It falls, and is not quite down. */
  #falling: Deferred.Deferred<void> | undefined

  constructor(place: Pick<NodeHost, "at" | "clock" | "disk" | "id" | "joins">, context: HostContext) {
    this.id = place.id
    this.at = place.at
    this.disk = place.disk
    this.clock = place.clock
    this.joins = place.joins
    this.#context = context
  }

  /** Neither up nor about to be. */
  get isDown(): boolean {
    return this.running === undefined && this.#rising === undefined && this.#falling === undefined
  }

  /** Starts it, if it is down. On a disk that is in trouble it may not get up: then it is tried again later. */
  readonly start: Effect.Effect<void> = Effect.suspend(() => this.isDown ? this.#start() : Effect.void)

  /** Its machine loses its power, or its process alone is killed; it may be as it starts. */
  readonly crash = (how: "killed" | "power" = "power"): Effect.Effect<void> =>
    Effect.suspend(() => {
      const scope = this.running?.scope ?? this.#rising
      if (!scope) return this.#falling ? Deferred.await(this.#falling) : Effect.void
      const fallen = this.#falling = Deferred.makeUnsafe<void>()
      this.running = undefined
      this.#rising = undefined
      this.life += 1
      this.disk.cutPower()
      const loses = this.#context.rng.chance(0.5) && how === "power"
      return this.#context.network.crash(this.id, { loses }).pipe(
        Effect.andThen(Scope.close(scope, Exit.void)),
        Effect.andThen(Effect.sync(() => {
          if (how === "power") this.disk.crash()
          else this.disk.kill()
          this.#falling = undefined
        })),
        Effect.andThen(Deferred.succeed(fallen, undefined)),
        Effect.asVoid
      )
    })

  #start(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      const scope = yield* Scope.make()
      this.#rising = scope
      const build = Scope.provide(Layer.build(Layer.fresh(this.#layer())), scope)
      const built = yield* Effect.flatMap(Effect.forkIn(build, scope), Fiber.await)
      if (this.#rising !== scope) return undefined
      this.#rising = undefined
      if (Exit.isSuccess(built) && this.disk.isDamaged) this.#context.rules.breaks(`${this.id} believes a damaged disk`)
      if (Exit.isFailure(built)) {
        this.refusal = Cause.pretty(built.cause).split("\n")[0] ?? ""
        return yield* Scope.close(scope, Exit.void)
      }
      const of = <I, S>(service: Context.Service<I, S>) => Context.get(built.value as Context.Context<I>, service)
      this.running = { node: of(RaftNode), locks: of(Locks), conversations: of(Conversations), scope }
      return undefined
    })
  }

  #layer() {
    const { network, oracle, rng, rules, stamps } = this.#context
    const transport = Layer.provide(TransportMemory.layer(), Layer.succeed(Network, network))
    return Conversations.layer.pipe(
      Layer.provide([ClusterStatusNode.layer, Layer.succeed(Limits, limits)]),
      Layer.provideMerge(LocksCluster.layer),
      Layer.provideMerge(RaftNode.layer),
      Layer.provide([
        oracle.layer(this.id),
        stamps.layer(this.disk.logLayer),
        this.disk.snapshotLayer,
        Promises.layer(transport, this.id, this.disk.log, rules),
        Layer.succeed(NodeConfig, this.#config()),
        Layer.succeed(RenewalPace.UnpacedMax, this.#context.scenario.unpacedMax)
      ]),
      Layer.provide(Layer.succeed(SecureRandom.SecureRandom, SecureRandom.make(bytesFrom(rng)))),
      Layer.provide(Layer.succeed(Clock.Clock, this.clock.clock))
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
      // Whoever joins is told of all that may lead.
      peers: new Map([...peers].filter(([, { founds }]) => founds || this.joins)),
      joins: this.joins,
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
