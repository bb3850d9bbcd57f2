/**
 * What one node is told about itself, its cluster and its limits. Whoever holds a `NodeConfig` may rely
 * on it: every value is allowed and they agree with each other. Nothing in it is secret.
 */
import { Context, Effect, Layer, Result } from "effect"
import type { Limits } from "../lock/Limits.ts"
import type { NodeId } from "../raft/Membership.ts"
import { type Cluster, clusterOf } from "./config/Cluster.ts"
import type { ConfigSource } from "./config/ConfigSource.ts"
import type { Peers } from "./config/Peers.ts"
import { read } from "./config/Reading.ts"
import { brokenRelations } from "./config/Relations.ts"
import type { Values } from "./config/Settings.ts"
import { warningsOf } from "./config/Warnings.ts"
import { WrongSettings } from "./config/WrongSettings.ts"

export interface Timings {
  readonly heartbeatMillis: number
  readonly electionMillisMin: number
  readonly electionMillisMax: number
  readonly lostLeaderMillisMin: number
  readonly lostLeaderMillisMax: number
  readonly clockStepMillisMax: number
  readonly clockTickMillis: number
  readonly leaderWaitMillis: number
}

/** A snapshot is taken when the log has grown by either, but the bytes of the latest snapshot at least. */
export interface SnapshotPolicy {
  readonly entries: number
  readonly bytesMin: number
  /** Entries kept behind it, so that a follower that is slow need not be sent all of it. */
  readonly retainedEntries: number
}

export interface Logging {
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "none"
  readonly format: "auto" | "pretty" | "json"
}

/** What the sources say, checked and completed. */
export interface Loaded {
  readonly config: NodeConfig["Service"]
  readonly logging: Logging
  /** Allowed, and yet worth a word. */
  readonly warnings: ReadonlyArray<string>
}

export class NodeConfig extends Context.Service<NodeConfig, {
  readonly nodeId: NodeId
  /** Where all ports listen. */
  readonly host: string
  readonly httpPort: number
  readonly raftPort: number
  readonly rpcPort: number
  readonly dataDir: string
  /** The Raft addresses of the whole cluster, this node's included; of some of it when this node joins. */
  readonly peers: Peers
  /** Whether this node, as long as its log is empty, founds no cluster and asks to be let into one. */
  readonly joins: boolean
  readonly timings: Timings
  readonly snapshots: SnapshotPolicy
  /** How many events this node keeps for watchers that come back. */
  readonly eventsKept: number
  /** How many grants that are over the cluster remembers while this node leads. */
  readonly historyKept: number
  readonly limits: Limits
}>()("node/NodeConfig") {
  /** Reads the sources, the earlier ones over the later ones, or fails with everything that is wrong. */
  static readonly load: (
    sources: ReadonlyArray<ConfigSource>,
    joins?: boolean
  ) => Effect.Effect<Loaded, WrongSettings> = Effect
    .fnUntraced(function*(sources, joins = false) {
      const reading = yield* read(sources)
      const cluster = clusterOf(reading, joins)
      const derived = {
        raftPort: Result.isSuccess(cluster) ? cluster.success.self.port : null,
        clockStepMillisMax: reading.values.electionMillisMin
      }
      const complaints = [
        ...reading.complaints,
        ...Result.isFailure(cluster) ? cluster.failure : [],
        ...brokenRelations(reading, derived)
      ]
      if (Result.isFailure(cluster) || complaints.length > 0) return yield* new WrongSettings({ complaints })
      // Nothing is wrong, so every setting has its value.
      const values = reading.values as Values
      return {
        config: complete(values, cluster.success, joins),
        logging: { level: values.logLevel, format: values.logFormat },
        warnings: warningsOf(sources, reading, cluster.success, joins)
      }
    })

  /** The same as a layer, which logs what is worth a word. */
  static readonly layer = (sources: ReadonlyArray<ConfigSource>): Layer.Layer<NodeConfig, WrongSettings> =>
    Layer.effect(
      NodeConfig,
      Effect.gen(function*() {
        const { config, warnings } = yield* NodeConfig.load(sources)
        for (const warning of warnings) yield* Effect.logWarning(warning)
        return config
      })
    )
}

const complete = (values: Values, { nodeId, peers, self }: Cluster, joins: boolean): NodeConfig["Service"] => ({
  nodeId,
  host: values.host,
  httpPort: values.httpPort,
  raftPort: values.raftPort ?? self.port,
  rpcPort: values.rpcPort,
  dataDir: values.dataDir ?? `.holdfast/${nodeId}`,
  peers,
  joins,
  timings: timingsOf(values),
  snapshots: {
    entries: values.snapshotEntries,
    bytesMin: values.snapshotBytesMin,
    retainedEntries: values.snapshotRetainedEntries
  },
  eventsKept: values.eventsKept,
  historyKept: values.historyKept,
  limits: limitsOf(values)
})

const timingsOf = (values: Values): Timings => ({
  heartbeatMillis: values.heartbeatMillis,
  electionMillisMin: values.electionMillisMin,
  electionMillisMax: values.electionMillisMax,
  lostLeaderMillisMin: values.lostLeaderMillisMin,
  lostLeaderMillisMax: values.lostLeaderMillisMax,
  clockStepMillisMax: values.clockStepMillisMax ?? values.electionMillisMin,
  clockTickMillis: values.clockTickMillis,
  leaderWaitMillis: values.leaderWaitMillis
})

const limitsOf = (values: Values): Limits => ({
  nameBytesMax: values.nameBytesMax,
  labelBytesMax: values.labelBytesMax,
  ownerBytesMax: values.ownerBytesMax,
  valueBytesMax: values.valueBytesMax,
  bodyBytesMax: values.bodyBytesMax,
  permitsMax: values.permitsMax,
  ttlMillisMin: values.ttlMillisMin,
  ttlMillisMax: values.ttlMillisMax,
  waitMillisMax: values.waitMillisMax,
  lockDelayMillisMax: values.lockDelayMillisMax,
  maxHoldMillisMin: values.maxHoldMillisMin,
  maxHoldMillisMax: values.maxHoldMillisMax,
  pageLengthDefault: values.pageLengthDefault,
  pageLengthMax: values.pageLengthMax
})
