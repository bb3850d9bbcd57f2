/**
 * A cluster in one process: whole nodes over a network in memory and disks that outlive them, moved by
 * the test's clock alone.
 */
import { it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Random, Scope, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { defaultLimits } from "../../src/lock/Limits.ts"
import type { LockTable } from "../../src/lock/LockTable.ts"
import { LockStore } from "../../src/node/LockStore.ts"
import { LogStore, LogStoreError, type Recovered } from "../../src/node/LogStore.ts"
import * as LogStoreMemory from "../../src/node/logstore/LogStoreMemory.ts"
import { NodeConfig } from "../../src/node/NodeConfig.ts"
import { RaftNode } from "../../src/node/RaftNode.ts"
import { SnapshotStore } from "../../src/node/SnapshotStore.ts"
import * as MemoryDisk from "../../src/node/snapshotstore/MemoryDisk.ts"
import * as SnapshotStoreMemory from "../../src/node/snapshotstore/SnapshotStoreMemory.ts"
import { Tracing } from "../../src/node/tracing/Tracing.ts"
import { Network } from "../../src/node/transport/Network.ts"
import type { Versions } from "../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import * as TransportMemory from "../../src/node/transport/TransportMemory.ts"
import { LogIndex, Term } from "../../src/raft/Entry.ts"
import { ClusterId, type Member, NodeId, StoreId } from "../../src/raft/Membership.ts"
import { Locks } from "../../src/server/Locks.ts"
import * as LocksCluster from "../../src/server/LocksCluster.ts"
import { piecesOf } from "../lock/support/snapshots.ts"

const timings = {
  heartbeatMillis: 50,
  electionMillisMin: 300,
  electionMillisMax: 600,
  lostLeaderMillisMin: 5,
  lostLeaderMillisMax: 40,
  clockStepMillisMax: 300,
  clockTickMillis: 250,
  leaderWaitMillis: 2000
}

interface Running {
  readonly node: RaftNode["Service"]
  readonly locks: Locks["Service"]
  readonly stop: Effect.Effect<void>
}

type Trouble = "full" | "io" | null

type Disk = ReturnType<typeof makeDisk>

/** One bit of it is another, or its end is gone. */
export type Damage = "bit" | "end"

const damage = (file: { bytes: Uint8Array; length: number }, how: Damage): void => {
  if (how === "end") file.length -= 60
  else file.bytes[file.length - 60]! ^= 1
}

/** What survives a node: its disk, which may be in trouble. */
const makeDisk = (nodeId: NodeId) => {
  const log = LogStoreMemory.makeDisk()
  const snapshots = MemoryDisk.make()
  log.contents = LogStoreMemory.emptyContents(nodeId, StoreId.make(`store-of-${nodeId}`))
  const layer = Layer.merge(LogStoreMemory.layer({ nodeId, disk: log }), SnapshotStoreMemory.layer(snapshots))
  return {
    layer,
    trouble: (now: Trouble) => {
      log.sync = now === null
        ? Effect.void
        : Effect.fail(new LogStoreError({ reason: now, message: `the disk of ${nodeId} is in trouble` }))
    },
    damageSnapshot: (how: Damage) => {
      for (const [name, file] of snapshots.files) if (name.endsWith(".snapshot")) damage(file, how)
    },
    snapshotNames: () => [...snapshots.files.keys()],
    /** Whatever is done to its snapshots takes so long. */
    slow: (millis: number) => {
      snapshots.trouble = Effect.sleep(millis)
    },
    /** Holds what `snapshot restore` makes of this state, for a cluster of this node alone. */
    restored: (table: LockTable) => Effect.scoped(Effect.provide(restore(nodeId, table), Layer.fresh(layer))),
    /** Another one, with nothing on it. */
    wipe: () => {
      log.contents = LogStoreMemory.emptyContents(nodeId, StoreId.make(`new-store-of-${nodeId}`))
      Object.assign(snapshots, MemoryDisk.make())
    },
    /** A copy of the log as it is now, which is put back when it is called. */
    backup: () => {
      const { contents } = log
      return () => {
        log.contents = contents
      }
    },
    /** Holds the log of a cluster of this node alone. */
    founded: (cluster: string) => {
      const empty = LogStoreMemory.emptyContents(nodeId, StoreId.make(`store-of-${cluster}`))
      log.contents = withFirstEntry(empty, cluster, [{ nodeId, storeId: empty.storeId }])
    },
    /** Holds the first entry of a cluster that those who voted for its leader have never heard of. */
    foundedInVain: (voted: ReadonlyArray<NodeId>, others: ReadonlyArray<NodeId>) => {
      const recorded = [nodeId, ...voted].map((id) => ({ nodeId: id, storeId: StoreId.make(`store-of-${id}`) }))
      const unknown = others.map((id) => ({ nodeId: id, storeId: null }))
      log.contents = withFirstEntry(log.contents!, "vain", [...recorded, ...unknown])
    },
    stored: () => log.contents!
  }
}

const restore = Effect.fnUntraced(function*(nodeId: NodeId, table: LockTable) {
  const store = yield* LogStore
  const members = [{ nodeId, raft: "", voter: true, storeId: store.recovered.storeId }]
  const membership = { clusterId: ClusterId.make("restored"), members }
  const place = { index: LogIndex.make(42), term: Term.make(7), time: table.time }
  const snapshot = { ...place, configIndex: place.index, membership }
  yield* (yield* SnapshotStore).write(snapshot, Stream.fromIterable(piecesOf(table.snapshot())))
  yield* store.write({ hardState: { term: place.term, votedFor: null }, reset: place, entries: [] })
})

const withFirstEntry = (
  empty: Recovered,
  cluster: string,
  stores: ReadonlyArray<Pick<Member, "nodeId" | "storeId">>
): Recovered => {
  const members = stores.map((store) => ({ ...store, raft: "", voter: true }))
  const membership = { clusterId: ClusterId.make(cluster), members }
  const [index, term] = [LogIndex.make(1), Term.make(1)]
  const entries = [{ index, term, time: 0, payload: { _tag: "Config", membership } as const }]
  return { ...empty, hardState: { term, votedFor: empty.nodeId }, entries }
}

/** Everything one node is made of, over the network and the disk given. */
const nodeLayer = (
  id: NodeId,
  peers: NodeConfig["Service"]["peers"],
  network: Network["Service"],
  disk: Disk,
  versions: Versions,
  settings: Settings
) =>
  LocksCluster.layer.pipe(
    Layer.provideMerge(RaftNode.layer),
    Layer.provide([
      LockStore.layer,
      disk.layer,
      TransportMemory.layer({ versions }),
      Layer.succeed(NodeConfig, configOf(id, peers, settings)),
      Layer.succeed(Tracing, settings.tracing?.(id) ?? null),
      Layer.succeed(Network, network)
    ]),
    Layer.provide(Layer.succeed(SecureRandom.SecureRandom, SecureRandom.make(bytesOf(id))))
  )

/** What a test may set. A node that `joins` knows the nodes there are, and is none of them. */
export interface Settings {
  readonly joins?: boolean
  readonly snapshots?: Partial<NodeConfig["Service"]["snapshots"]>
  /** Of each node; none traces unless a test says so. */
  readonly tracing?: (id: NodeId) => Tracing | null
}

const configOf = (nodeId: NodeId, peers: NodeConfig["Service"]["peers"], { joins = false, snapshots }: Settings) =>
  NodeConfig.of({
    nodeId,
    host: "127.0.0.1",
    httpPort: 8081,
    raftPort: 9081,
    rpcPort: 7080 + Number(nodeId.replace(/\D/g, "")),
    dataDir: "",
    peers,
    joins,
    timings,
    snapshots: { entries: 100_000, bytesMin: 64 * 1024 * 1024, retainedEntries: 10_000, ...snapshots },
    eventsKept: 1000,
    historyKept: 1000,
    limits: defaultLimits
  })

const start = Effect.fnUntraced(function*(layer: ReturnType<typeof nodeLayer>) {
  const scope = yield* Scope.make()
  const context = yield* Layer.build(Layer.fresh(layer)).pipe(Scope.provide(scope))
  return {
    node: Context.get(context, RaftNode),
    locks: Context.get(context, Locks),
    stop: Scope.close(scope, Exit.void)
  } satisfies Running
})

export const makeCluster = Effect.fnUntraced(function*(
  size: number,
  versionsOf = (_at: number) => ourVersions,
  settings: Settings = {}
) {
  const ids = Array.from({ length: size }, (_, at) => NodeId.make(`node${at + 1}`))
  const network = yield* Network
  const peers = new Map(ids.map((id, at) => [id, { host: "127.0.0.1", port: 9081 + at }]))
  const disks = new Map(ids.map((id) => [id, makeDisk(id)]))
  const running = new Map<NodeId, Running>()
  const cluster = {
    ids,
    network,
    at: (id: NodeId) => running.get(id)!,
    isUp: (id: NodeId) => running.has(id),
    disk: (id: NodeId) => disks.get(id)!,
    others: (id: NodeId) => ids.filter((other) => other !== id),
    /** Starts a node of the present release, or of one that speaks other versions of the protocol. */
    start: Effect.fnUntraced(function*(id: NodeId, versions = ourVersions) {
      running.set(id, yield* start(nodeLayer(id, peers, network, disks.get(id)!, versions, settings)))
    }),
    /**
     * Starts a node that the others do not know, on an empty disk, to join them; or one whose disk was wiped. It knows
     * all of them, or those given.
     */
    join: Effect.fnUntraced(function*(name: string, knows: ReadonlyArray<NodeId> = ids) {
      const id = NodeId.make(name)
      if (!disks.has(id)) disks.set(id, makeDisk(id))
      const own = peers.get(id) ?? { host: "127.0.0.1", port: 9081 + disks.size }
      const known = new Map([...[...peers].filter(([id]) => knows.includes(id)), [id, own] as const])
      const layer = nodeLayer(id, known, network, disks.get(id)!, ourVersions, { ...settings, joins: true })
      running.set(id, yield* start(layer))
      return id
    }),
    crash: Effect.fnUntraced(function*(id: NodeId) {
      yield* network.crash(id)
      yield* running.get(id)!.stop
      running.delete(id)
    }),
    /** The leader of the latest term that has one. */
    leader: Effect.map(statusesOf(running), (all) => {
      const leaders = all.filter(({ role }) => role === "Leader")
      return leaders.toSorted((a, b) => b.term - a.term)[0]?.nodeId ?? null
    }),
    elect: Effect.suspend(() => elect(running, size))
  }
  for (const [at, id] of ids.entries()) yield* cluster.start(id, versionsOf(at))
  return cluster
})

const statusesOf = (running: ReadonlyMap<NodeId, Running>) =>
  Effect.suspend(() => Effect.all([...running.values()].map(({ node }) => node.status)))

/** Moves the clock in small steps until a majority follows one leader. */
const elect = Effect.fnUntraced(function*(running: ReadonlyMap<NodeId, Running>, size: number) {
  for (let step = 0; step < 500; step++) {
    const all = yield* statusesOf(running)
    const leader = all.find(({ nodeId, role, term }) =>
      role === "Leader" && all.filter((one) => one.leaderId === nodeId && one.term === term).length * 2 > size
    )
    if (leader) return leader.nodeId
    yield* TestClock.adjust(10)
  }
  return yield* Effect.die(new Error("no leader within 5 s"))
})

// Session ids and the like need no secrecy here, but each node needs its own.
let drawn = 0
const bytesOf = (id: string) => (size: number) => {
  drawn += 1
  return new TextEncoder().encode(`${drawn}-${id}`.padEnd(size, "-")).slice(0, size)
}

/** A test of a cluster: a network of its own, and all chance from one seed. The timeout is for what is much to do. */
export const clusterTest = <Y extends Effect.Effect<unknown, unknown, Network | Scope.Scope>>(
  name: string,
  test: () => Generator<Y, void, never>,
  timeoutMillis = 30_000
) => {
  const program = Effect.gen(test) as Effect.Effect<void, unknown, Network | Scope.Scope>
  const run = () => program.pipe(Effect.provide(Network.layer), Effect.scoped, Random.withSeed(name))
  it.effect(name, run, timeoutMillis)
}

/** Time passes in steps of a millisecond, so that whatever happens in one is over before the next. */
export const pass = (millis: number) => Effect.replicateEffect(TestClock.adjust(1), millis, { discard: true })

/** Does something that needs the cluster, moving the clock until it is done. */
export const during = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>, millisMax = 10_000) {
  const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
  for (let millis = 0; millis < millisMax && !fiber.pollUnsafe(); millis += 5) yield* TestClock.adjust(5)
  if (!fiber.pollUnsafe()) return yield* Effect.die(new Error(`nothing happened within ${millisMax} ms`))
  return yield* Fiber.join(fiber)
})

/** What an acquire asks for unless the test says otherwise. */
export const wanted = {
  ttlMs: 5000,
  label: "test",
  owner: "",
  mode: "exclusive",
  permits: 1,
  waitMs: 0,
  lockDelayMs: 0
} as const
