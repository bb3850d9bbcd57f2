/**
 * The node's durable memory: term, vote and log. A write that succeeds survives a crash of the
 * machine; there is no other promise. What cannot be read back exactly is never guessed over.
 */
import { Context, type Effect, Schema } from "effect"
import type { HardState } from "../raft/Action.ts"
import type { Entry, LogIndex, Position } from "../raft/Entry.ts"
import type { NodeId, StoreId } from "../raft/Membership.ts"
import type { PeerMark } from "./peers/PeerMark.ts"

/** What one turn of the node writes: all of it becomes durable together, or none. It is done in this order. */
export interface LogWrite {
  readonly hardState: HardState | null
  /** Drops the whole log, which starts after this place from now on: a snapshot has taken its place (§7). */
  readonly reset?: Position | null
  /** Consecutive; whatever is stored at or after the first one's index is replaced. */
  readonly entries: ReadonlyArray<Entry>
  /** The log starts after this entry from now on. What it held is deleted bit by bit, by this write and later ones. */
  readonly compactTo?: LogIndex | null
  /** How far stores of others have come, each in place of what was known of it. The 64 noted last are kept. */
  readonly peers?: ReadonlyMap<StoreId, PeerMark>
}

/** What the store held when it was opened. */
export interface Recovered {
  readonly nodeId: NodeId
  readonly storeId: StoreId
  readonly hardState: HardState
  /** The place before the first entry; 0 unless the log was compacted. */
  readonly start: Position
  readonly entries: ReadonlyArray<Entry>
  /** How often this store has been opened and written, this time included. */
  readonly boots: number
  readonly peers: ReadonlyMap<StoreId, PeerMark>
}

/** Why a store cannot be used or written. `message` says what to do about it. */
export class LogStoreError extends Schema.TaggedError<LogStoreError>()("LogStoreError", {
  reason: Schema.Literals([
    "in-use",
    "not-writable",
    "full",
    "corrupt",
    "wrong-node",
    "unsupported-version",
    "unfinished",
    "io"
  ]),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

export class LogStore extends Context.Service<LogStore, {
  readonly recovered: Recovered
  /**
   * One transaction and one sync. When it succeeds, all of it is on disk; when it fails, none of it counts. One at a
   * time.
   *
   * After a failure other than `full`, which may be tried again, every later write fails with `io`. A write that no
   * node can mean, such as one that leaves a gap or takes back a vote, is a defect.
   */
  readonly write: (write: LogWrite) => Effect.Effect<void, LogStoreError>
}>()("node/LogStore") {}
