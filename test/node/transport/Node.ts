/**
 * A node as far as its transport is concerned: it says hello, admits or refuses, and keeps what it is
 * told. Tests tell it what to do and look at what it got.
 */
import { Effect, Queue, type Scope } from "effect"
import { formatAddress } from "../../../src/node/config/Peers.ts"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import {
  type Address,
  type Hello,
  type Links,
  type Refusal,
  Transport,
  type TransportError,
  type TransportEvent
} from "../../../src/node/Transport.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { type NodeId, StoreId } from "../../../src/raft/Membership.ts"

export interface TestNode extends Links {
  readonly id: NodeId
  readonly events: Queue.Dequeue<TransportEvent>
  /** How this node judges others; null admits. */
  admit: (hello: Hello) => Refusal | null
  /** What `deliver` does before it takes an event. */
  gate: Effect.Effect<void>
}

const nothing = Effect.void

/** Without an address it is a node that cannot be dialed unless it is named. */
export const helloOf = (nodeId: NodeId, storeId: string, raft = ""): Hello => ({
  nodeId,
  storeId: StoreId.make(storeId),
  clusterId: null,
  hasEntries: false,
  lastIndex: LogIndex.make(0),
  boots: 1,
  joins: false,
  raft,
  http: "127.0.0.1:8081",
  rpc: "127.0.0.1:7081",
  version: "0.1.0"
})

export const openNode = Effect.fnUntraced(function*(
  id: NodeId,
  peers: ReadonlyMap<NodeId, Address>,
  storeId: string,
  address?: Address
): Effect.fn.Return<TestNode, TransportError, Scope.Scope | Transport> {
  const transport = yield* Transport
  const events = yield* Queue.unbounded<TransportEvent>()
  const judge: Pick<TestNode, "admit" | "gate"> = { admit: () => null, gate: nothing }
  const links = yield* transport.open({
    self: id,
    peers,
    hello: Effect.sync(() => helloOf(id, storeId, address && formatAddress(address))),
    admit: (hello) => Effect.sync(() => judge.admit(hello)),
    deliver: (event) => Effect.andThen(Effect.suspend(() => judge.gate), Queue.offer(events, event))
  })
  return Object.assign(judge, { ...links, id, events })
})

/** A message that carries a number and as many bytes as wanted. */
export const numbered = (n: number, bytes = 0): PeerMessage => ({
  _tag: "Propose",
  request: String(n),
  command: new Uint8Array(bytes)
})
