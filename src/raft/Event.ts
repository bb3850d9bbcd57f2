/**
 * Everything that can happen to a node, as the core sees it. Events are past participles: a message
 * has been received, a timer has fired, a write has been synced. Nothing else moves the core.
 */
import { Data } from "effect"
import type { Change } from "./Changes.ts"
import type { LogIndex, Term } from "./Entry.ts"
import type { NodeId, StoreId } from "./Membership.ts"
import type { RaftMessage } from "./RaftMessage.ts"
import type { Snapshot } from "./Snapshot.ts"

export type Event = Data.TaggedEnum<{
  Received: { readonly from: NodeId; readonly message: RaftMessage }
  /** The shortest election timeout has passed without the leader; it may now be voted away (dissertation §4.2.3). */
  LeaderSilent: { readonly arming: number }
  /** This node's own, randomized timeout has passed (§5.2). A timer armed before the latest one is stale. */
  ElectionTimedOut: { readonly arming: number }
  HeartbeatDue: { readonly term: Term }
  /** An election timeout of leadership has passed: did a majority speak in it? (dissertation §6.2) */
  QuorumCheckDue: { readonly term: Term }
  /** A batch of commands to become one entry, stamped with the replicated clock. */
  Proposed: { readonly bytes: Uint8Array<ArrayBuffer>; readonly time: number }
  /** The replicated clock has to move on, by an entry that brings nothing else. */
  ClockMoved: { readonly bytes: Uint8Array<ArrayBuffer>; readonly time: number }
  /** The leader shall hand over to this voter; without a name, to the one that is closest behind it. */
  TransferRequested: { readonly to: NodeId | null }
  /** Someone wants to change the membership. */
  ChangeRequested: { readonly change: Change }
  /** Someone wants to read; `read` is a number the caller counts up. */
  ReadRequested: { readonly read: number }
  /** Everything up to `index`, appended in `term`, is on this node's own disk. */
  Persisted: { readonly term: Term; readonly index: LogIndex }
  /** This node has a durable snapshot of what it has applied (§7). */
  SnapshotTaken: { readonly snapshot: Snapshot }
  /** The snapshot that goes up to `index` could not be sent. */
  SnapshotFailed: { readonly peer: NodeId; readonly index: LogIndex }
  /**
   * A link to a peer stands in both directions. `hasEntries` says whether its log has ever begun. What
   * another store said in the peer's name must not be received after this.
   */
  PeerConnected: {
    readonly peer: NodeId
    readonly storeId: StoreId
    readonly hasEntries: boolean
    /**
     * The Raft address, `host:port`, of a node with a new disk that asks to be let in, as it does until a membership
     * that it knows names its store; else null.
     */
    readonly joins: string | null
    /** Whether it understands that it is told to campaign at once; nodes of an older release may not. */
    readonly takesOver: boolean
  }
  /** The link to a peer is gone. For a follower that loses its leader so, this is the first sign of its death. */
  PeerDisconnected: { readonly peer: NodeId }
}>
// One that is made for each request or message is written as a plain value: `taggedEnum` makes its constructors anew
// for each use.
export const Event = Data.taggedEnum<Event>()
