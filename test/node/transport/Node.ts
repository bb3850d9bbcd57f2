/**
 * A node as far as its transport is concerned: it says hello, admits or refuses, and keeps what it is
 * told. Tests tell it what to do and look at what it got.
 */
import { Effect, Queue, type Scope } from "effect"
import type { PeerMessage } from "../../../src/node/PeerMessage.ts"
import {
  type Address,
  type Hello,
  type Links,
  type Refusal,
  Transport,
  type TransportError,
  type TransportEvent
} from "../../../src/node/Transport.ts"
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

export const helloOf = (nodeId: NodeId, storeId: string): Hello => ({
  nodeId,
  storeId: StoreId.make(storeId),
  clusterId: null,
  hasEntries: false,
  http: "127.0.0.1:8081",
  rpc: "127.0.0.1:7081",
  version: "0.1.0"
})

export const openNode = Effect.fnUntraced(function*(
  id: NodeId,
  peers: ReadonlyMap<NodeId, Address>,
  storeId: string
): Effect.fn.Return<TestNode, TransportError, Scope.Scope | Transport> {
  const transport = yield* Transport
  const events = yield* Queue.unbounded<TransportEvent>()
  const judge: Pick<TestNode, "admit" | "gate"> = { admit: () => null, gate: nothing }
  const links = yield* transport.open({
    self: id,
    peers,
    hello: Effect.sync(() => helloOf(id, storeId)),
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
