/**
 * The node's durable memory: term, vote and log. A write that succeeds survives a crash of the
 * machine; there is no other promise. What cannot be read back exactly is never guessed over.
 */
import { Context, type Effect, Schema } from "effect"
import type { HardState } from "../raft/Action.ts"
import type { Entry } from "../raft/Entry.ts"
import type { NodeId, StoreId } from "../raft/Membership.ts"

/** What one turn of the node writes: all of it becomes durable together, or none. */
export interface LogWrite {
  readonly hardState: HardState | null
  /** Consecutive; whatever is stored at or after the first one's index is replaced. */
  readonly entries: ReadonlyArray<Entry>
}

/** What the store held when it was opened. */
export interface Recovered {
  readonly nodeId: NodeId
  readonly storeId: StoreId
  readonly hardState: HardState
  readonly entries: ReadonlyArray<Entry>
}

/** Why a store cannot be used or written. `message` says what to do about it. */
export class LogStoreError extends Schema.TaggedError<LogStoreError>()("LogStoreError", {
  reason: Schema.Literals(["in-use", "not-writable", "full", "corrupt", "wrong-node", "unsupported-version", "io"]),
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
