/**
 * Moves messages between nodes. It may lose messages and break links; on one link it keeps their
 * order. It never forges a message, never repeats one, and never lets a stranger speak.
 */
import { Context, Data, type Effect, Schema, type Scope } from "effect"
import { LogIndex } from "../raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../raft/Membership.ts"
import { PeerMark } from "./peers/PeerMark.ts"
import type { PeerMessage } from "./peers/PeerMessage.ts"

/** The first thing each side of a connection says of itself. */
export const Hello = Schema.Struct({
  nodeId: NodeId,
  storeId: StoreId,
  /** Null as long as this node's log is empty. */
  clusterId: Schema.NullOr(ClusterId),
  /** Whether this node's log has any entry. */
  hasEntries: Schema.Boolean,
  /** The end of its log; 0 when it has none or does not tell. */
  lastIndex: LogIndex,
  /** How often this store has been opened; 0 when it does not tell. */
  boots: Schema.Natural,
  /** Whether this node, on an empty disk, asks to be let into the cluster. */
  joins: Schema.Boolean,
  /** Where its peers reach it, `host:port`: how a node that nobody has named is dialed. */
  raft: Schema.String,
  /** Where this node serves people, `host:port`. */
  http: Schema.String,
  rpc: Schema.String,
  /** The release, for `/cluster/members` and rolling upgrades. */
  version: Schema.String
})
export type Hello = typeof Hello.Type

/** Why a node does not talk to another. It is told to the other side, which logs it. */
export const Refusal = Schema.Struct({
  reason: Schema.Literals([
    "unknown-node",
    "wrong-node",
    "wrong-cluster",
    "disk-replaced",
    "gone-back",
    "version",
    "removed",
    "name-in-use"
  ]),
  message: Schema.String,
  /** What `gone-back` rests on: the other side, who knows itself best, judges by it whether that is so. */
  mark: Schema.optionalKey(PeerMark)
})
export type Refusal = typeof Refusal.Type

export interface Address {
  readonly host: string
  readonly port: number
}

/** What the transport tells its node, one peer at a time in order. */
export type TransportEvent = Data.TaggedEnum<{
  /** Connections stand in both directions, and both sides have admitted each other. */
  Connected: {
    readonly peer: NodeId
    readonly hello: Hello
    /** The version of the protocol that both speak. */
    readonly version: number
  }
  /** Either of them is gone. Follows each `Connected` once. */
  Disconnected: { readonly peer: NodeId }
  Received: { readonly peer: NodeId; readonly messages: ReadonlyArray<PeerMessage> }
  /** A peer has turned this node away. */
  Refused: { readonly peer: NodeId; readonly refusal: Refusal }
}>
export const TransportEvent = Data.taggedEnum<TransportEvent>()

export interface OpenOptions {
  readonly self: NodeId
  /** Whom to dial; `setPeers` changes it. */
  readonly peers: ReadonlyMap<NodeId, Address>
  /** Asked anew for each connection. */
  readonly hello: Effect.Effect<Hello>
  /**
   * Judges the other side's hello; null lets it in. One that is let in and is no peer becomes one, dialed at
   * the address that its hello gives, until it goes or `setPeers`, having named it, names it no more. Whoever is dialed
   * says its hello only when it has let this node in.
   */
  readonly admit: (hello: Hello, hasLetIn: boolean) => Effect.Effect<Refusal | null>
  /** Takes events. While it suspends, the connection that brought the event is not read on. */
  readonly deliver: (event: TransportEvent) => Effect.Effect<void>
}

/** An open transport. */
export interface Links {
  /** Hands messages over and returns. They are dropped when the peer is not connected or its buffer is full. */
  readonly offer: (to: NodeId, messages: ReadonlyArray<PeerMessage>) => Effect.Effect<void>
  /** The same, but waits while the connection is congested; for a sender that has a fiber of its own. */
  readonly send: (to: NodeId, messages: ReadonlyArray<PeerMessage>) => Effect.Effect<void>
  /**
   * Hands the same messages to several peers before it returns, encoded once for all who speak one version. Returns
   * those whose connection is congested or lacks words for one of them: nothing has gone to them, and `send` will do.
   */
  readonly write: (to: ReadonlyArray<NodeId>, messages: ReadonlyArray<PeerMessage>) => ReadonlyArray<NodeId>
  /**
   * Names the peers from now on, and returns at once. New ones are dialed, those with another address anew,
   * and those no longer named are let go, which is told like any other end of a link.
   */
  readonly setPeers: (peers: ReadonlyMap<NodeId, Address>) => Effect.Effect<void>
}

export class TransportError extends Schema.TaggedError<TransportError>()("TransportError", {
  /** Says what cannot be listened on, and why. */
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

export class Transport extends Context.Service<Transport, {
  /** Listens, and dials every peer until the scope closes. */
  readonly open: (options: OpenOptions) => Effect.Effect<Links, TransportError, Scope.Scope>
}>()("node/Transport") {}
