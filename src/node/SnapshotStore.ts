/**
 * The node's snapshots: the latest one, the one that is being written and the one that is being received (§7).
 *
 * A snapshot is there whole and durable, or not at all. Bytes that are not what was written are refused when they are
 * read; nothing is guessed over.
 */
import { Context, type Effect, Schema, type Stream } from "effect"
import { Snapshot } from "../raft/Snapshot.ts"

export const StoredSnapshot = Schema.Struct({
  snapshot: Snapshot,
  /** The length of the file. */
  bytes: Schema.Natural,
  /** The SHA-256 of the whole file, in hex. */
  checksum: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
})
export type StoredSnapshot = typeof StoredSnapshot.Type

/** Why a snapshot cannot be read or kept. `message` says what to do about it. */
export class SnapshotStoreError extends Schema.TaggedError<SnapshotStoreError>()("SnapshotStoreError", {
  /** `gone`: a newer one has taken its place. */
  reason: Schema.Literals(["not-writable", "full", "corrupt", "unsupported-version", "io", "gone"]),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

/** A snapshot on its way from another node. */
export interface Receiving {
  /** How many of its bytes are here: where its sender goes on. */
  readonly offset: () => number
  /** Takes the bytes from there on. Bytes that are here already, or after a gap, are left out. */
  readonly append: (offset: number, bytes: Uint8Array) => Effect.Effect<void, SnapshotStoreError>
  /** All bytes are here: what to load, verified as it comes, and as a whole and synced at its end. */
  readonly pieces: Stream.Stream<Uint8Array, SnapshotStoreError>
  /** Verifies all of it, makes it durable and the latest one. When that fails with `full` it may be tried again. */
  readonly adopt: Effect.Effect<void, SnapshotStoreError>
}

export class SnapshotStore extends Context.Service<SnapshotStore, {
  /** The newest durable one; null when there is none. */
  readonly latest: () => StoredSnapshot | null
  /**
   * Makes a snapshot of these pieces the latest one, and forgets older ones. When a newer one has come in the meantime
   * it keeps that and gives it back. One at a time. A piece need stay as it is only until the next one is asked for.
   */
  readonly write: <E>(
    snapshot: Snapshot,
    pieces: Stream.Stream<Uint8Array, E>
  ) => Effect.Effect<StoredSnapshot, SnapshotStoreError | E>
  /** What the latest one was written of, in the same pieces, verified as they come and as a whole at the end. */
  readonly pieces: Stream.Stream<Uint8Array, SnapshotStoreError>
  /** Bytes of its file, as they are sent to another node. One that is being read stays until it is not any more. */
  readonly read: (
    stored: StoredSnapshot,
    offset: number,
    length: number
  ) => Effect.Effect<Uint8Array, SnapshotStoreError>
  /** The latest one has proved to be damaged: there is none from then on. Its file stays beside, for whoever looks. */
  readonly setAside: (stored: StoredSnapshot) => Effect.Effect<void, SnapshotStoreError>
  /** Begins to receive, or goes on where an earlier transfer of the same file broke off. One at a time. */
  readonly receive: (stored: StoredSnapshot) => Effect.Effect<Receiving, SnapshotStoreError>
}>()("node/SnapshotStore") {}
