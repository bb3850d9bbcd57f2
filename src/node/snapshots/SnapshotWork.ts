/**
 * What a node has under way with snapshots. It is of no importance after a crash: whatever was half
 * done is begun again, or goes on from the bytes on disk.
 */
import type { Queue } from "effect"
import type { LogIndex } from "../../raft/Entry.ts"
import type { NodeId } from "../../raft/Membership.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import type { Restoring } from "../LockStore.ts"
import type { SnapshotRefused } from "../NodeErrors.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import type { Receiving, SnapshotStoreError, StoredSnapshot } from "../SnapshotStore.ts"

export type InstallSnapshot = Extract<RaftMessage, { _tag: "InstallSnapshot" }>

export type SnapshotChunk = Extract<PeerMessage, { _tag: "SnapshotChunk" }>

export type SnapshotWanted = Extract<PeerMessage, { _tag: "SnapshotWanted" }>

/** Told once, to whoever asked for a snapshot. */
export type Settle = (outcome: StoredSnapshot | SnapshotStoreError | SnapshotRefused) => void

/** A leader's offer to a follower that is behind its log. */
export interface Offer {
  readonly stored: StoredSnapshot
  /** What the follower has asked for and was not sent yet. */
  readonly wanted: Queue.Queue<SnapshotWanted>
}

/** A follower's fetching of what its leader has offered. */
export interface Fetch {
  readonly from: NodeId
  readonly stored: StoredSnapshot
  /** As last offered: a leader of a later term may offer the very same file. */
  message: InstallSnapshot
  readonly chunks: Queue.Queue<SnapshotChunk>
}

/** All bytes are here, verified, and loaded beside the present state. */
export interface Fetched {
  readonly fetch: Fetch
  readonly receiving: Receiving
  readonly restoring: Restoring
}

export interface SnapshotWork {
  /** The snapshot that is being taken, and who waits for it; null when none is. */
  taking: { readonly index: LogIndex; readonly askers: Array<Settle>; readonly bytesSince: number } | null
  /** Who came too late for that one: what they want may have been applied since it began. */
  later: Array<Settle>
  /** The snapshot that is being read again, and who waits for it. */
  verifying: { readonly stored: StoredSnapshot; readonly askers: Array<Settle> } | null
  /** Which one was found to be whole, and when, on the monotonic clock. */
  wholeAt: { readonly stored: StoredSnapshot; readonly millis: number } | null
  /** Not before this, after a failure, on the monotonic clock. */
  notBeforeMillis: number
  /** Bytes of the entries applied since the latest snapshot, or the one that is being taken. */
  bytesSince: number
  readonly offers: Map<NodeId, Offer>
  /** What is being fetched, or has been and is not installed yet. */
  fetch: Fetch | null
  /** What this turn installs, if the core says so. */
  fetched: Fetched | null
}

export const idle = (): SnapshotWork => ({
  taking: null,
  later: [],
  verifying: null,
  wholeAt: null,
  notBeforeMillis: 0,
  bytesSince: 0,
  offers: new Map(),
  fetch: null,
  fetched: null
})
