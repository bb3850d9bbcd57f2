/**
 * One node alone with its peers' voices: a transport that records what the node says, together with
 * what was on its disk at that moment, and lets a test speak for the peers.
 */
import { Context, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { defaultLimits } from "../../../src/lock/Limits.ts"
import { LockStore } from "../../../src/node/LockStore.ts"
import { LogStore } from "../../../src/node/LogStore.ts"
import * as LogStoreMemory from "../../../src/node/logstore/LogStoreMemory.ts"
import { NodeConfig, type Timings } from "../../../src/node/NodeConfig.ts"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import { RaftNode } from "../../../src/node/RaftNode.ts"
import * as SnapshotStoreMemory from "../../../src/node/snapshotstore/SnapshotStoreMemory.ts"
import { type OpenOptions, Transport, TransportEvent } from "../../../src/node/Transport.ts"
import type { HardState } from "../../../src/raft/Action.ts"
import { type Entry, LogIndex, Term } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../src/raft/Membership.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"

export const self = NodeId.make("node1")
export const peers = [NodeId.make("node2"), NodeId.make("node3")] as const

export interface Sent {
  readonly to: NodeId
  readonly message: RaftMessage
  readonly stored: { readonly hardState: HardState; readonly lastIndex: number }
}

export class Wire extends Context.Service<Wire, {
  /** Everything Raft has said since the last look. */
  readonly take: () => ReadonlyArray<Sent>
  readonly receive: (from: NodeId, message: RaftMessage) => Effect.Effect<void>
  readonly connect: (peer: NodeId) => Effect.Effect<void>
  readonly disconnect: (peer: NodeId) => Effect.Effect<void>
  /** What a peer says that is not Raft's, and what it has been told of that kind since the last look. */
  readonly say: (from: NodeId, message: PeerMessage) => Effect.Effect<void>
  readonly told: () => ReadonlyArray<{ readonly to: NodeId; readonly message: PeerMessage }>
  /** Where the log ends on the node's disk now. */
  readonly storedTo: () => number
  /** From now on whoever waits for a connection dies of it. */
  readonly breakDown: () => void
  /** From now on a write to the node's disk does not end. */
  readonly hang: () => void
}>()("test/Wire") {}

interface World {
  hardState: HardState
  entries: ReadonlyArray<Entry>
  sent: Array<Sent>
  told: Array<{ readonly to: NodeId; readonly message: PeerMessage }>
  isBroken: boolean
  isHanging: boolean
  options: OpenOptions | null
}

/** The cluster has been founded, by entry 1, with the stores of all three. */
const founding: Entry = {
  index: 1 as Entry["index"],
  term: Term.make(1),
  time: 0,
  payload: {
    _tag: "Config",
    membership: {
      clusterId: ClusterId.make("cluster"),
      members: [self, ...peers].map((nodeId) => ({
        nodeId,
        raft: "",
        voter: true,
        storeId: StoreId.make(`s-${nodeId}`)
      }))
    }
  }
}

export const electionMillis = 400

/** Whoever hears of no leader asks after that very time. */
export const timings: Timings = {
  heartbeatMillis: 50,
  electionMillisMin: electionMillis,
  electionMillisMax: electionMillis,
  lostLeaderMillisMin: 5,
  lostLeaderMillisMax: 40,
  clockStepMillisMax: 300,
  clockTickMillis: 250,
  leaderWaitMillis: 2000
}

export const layer = (timings: Timings) =>
  Layer.unwrap(Effect.sync(() => {
    const world: World = {
      hardState: { term: Term.make(1), votedFor: null },
      entries: [founding],
      sent: [],
      told: [],
      isBroken: false,
      isHanging: false,
      options: null
    }
    return RaftNode.layer.pipe(
      Layer.provide([LockStore.layer, logStore(world), SnapshotStoreMemory.layer(), transport(world), config(timings)]),
      Layer.provide(Layer.succeed(SecureRandom.SecureRandom, SecureRandom.make((size) => new Uint8Array(size)))),
      Layer.merge(wire(world))
    )
  }))

const logStore = (world: World) =>
  Layer.sync(LogStore, () => ({
    recovered: {
      ...LogStoreMemory.emptyContents(self, StoreId.make(`s-${self}`)),
      hardState: world.hardState,
      entries: world.entries
    },
    write: ({ entries, hardState }) =>
      Effect.suspend(() => {
        if (world.isHanging) return Effect.never
        world.hardState = hardState ?? world.hardState
        world.entries = [...world.entries.filter(({ index }) => index < (entries[0]?.index ?? Infinity)), ...entries]
        return Effect.void
      })
  }))

const transport = (world: World) => {
  const sayNow = (to: NodeId, messages: ReadonlyArray<PeerMessage>) => {
    const stored = { hardState: world.hardState, lastIndex: world.entries.length }
    for (const message of messages) {
      if (message._tag === "Raft") world.sent.push({ to, message: message.message, stored })
      else world.told.push({ to, message })
    }
  }
  const say = (to: NodeId, messages: ReadonlyArray<PeerMessage>) => Effect.sync(() => sayNow(to, messages))
  // What is broken takes nothing at once, so that whoever waits for it finds out.
  const write = (to: ReadonlyArray<NodeId>, messages: ReadonlyArray<PeerMessage>) => {
    if (world.isBroken) return to
    for (const one of to) sayNow(one, messages)
    return []
  }
  const send = (to: NodeId, messages: ReadonlyArray<PeerMessage>) =>
    Effect.suspend(() => world.isBroken ? Effect.die(new Error("the connection is broken")) : say(to, messages))
  return Layer.succeed(Transport, {
    open: (options) =>
      Effect.sync(() => {
        world.options = options
        return { offer: say, send, write, setPeers: () => Effect.void }
      })
  })
}

const wire = (world: World) => {
  const deliver = (event: TransportEvent) => Effect.suspend(() => world.options!.deliver(event))
  return Layer.succeed(Wire, {
    take: () => world.sent.splice(0),
    receive: (peer, message) => deliver(TransportEvent.Received({ peer, messages: [{ _tag: "Raft", message }] })),
    say: (peer, message) => deliver(TransportEvent.Received({ peer, messages: [message] })),
    told: () => world.told.splice(0),
    storedTo: () => world.entries.length,
    breakDown: () => {
      world.isBroken = true
    },
    hang: () => {
      world.isHanging = true
    },
    disconnect: (peer) => deliver(TransportEvent.Disconnected({ peer })),
    connect: (peer) =>
      deliver(TransportEvent.Connected({
        peer,
        hello: {
          nodeId: peer,
          storeId: StoreId.make(`s-${peer}`),
          clusterId: ClusterId.make("cluster"),
          hasEntries: true,
          lastIndex: LogIndex.make(1),
          boots: 1,
          joins: false,
          raft: "",
          http: "",
          rpc: "",
          version: ""
        },
        version: 1
      }))
  })
}

const config = (timings: Timings) =>
  Layer.succeed(NodeConfig, {
    nodeId: self,
    host: "127.0.0.1",
    httpPort: 8081,
    raftPort: 9081,
    rpcPort: 7081,
    dataDir: "",
    peers: new Map([self, ...peers].map((id, at) => [id, { host: "127.0.0.1", port: 9081 + at }])),
    joins: false,
    timings,
    snapshots: { entries: 100_000, bytesMin: 64 * 1024 * 1024, retainedEntries: 10_000 },
    eventsKept: 1000,
    historyKept: 1000,
    limits: defaultLimits
  })
