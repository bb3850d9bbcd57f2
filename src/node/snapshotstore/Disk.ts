/**
 * What snapshots are kept on: a directory of files that only grow, on a real disk or in memory.
 *
 * Bytes and names survive a crash of the machine when they have been synced, each of them by itself.
 */
import type { Effect } from "effect"
import type { SnapshotStoreError } from "../SnapshotStore.ts"

export interface DiskFile {
  /** For messages. */
  readonly path: string
  /** How long it is. */
  readonly bytes: () => number
  /** Fewer than `length` only at the end of the file. */
  readonly read: (offset: number, length: number) => Effect.Effect<Uint8Array, SnapshotStoreError>
  readonly append: (bytes: Uint8Array) => Effect.Effect<void, SnapshotStoreError>
  /** Fails with `io`, whatever has gone wrong: nobody knows then what the disk holds, and no later sync mends it. */
  readonly sync: Effect.Effect<void, SnapshotStoreError>
  /** It can be read until then, also when its name is gone. */
  readonly close: Effect.Effect<void>
}

export interface SnapshotDisk {
  /** For messages. */
  readonly path: string
  readonly names: Effect.Effect<ReadonlyArray<string>, SnapshotStoreError>
  /** Makes the file when it is not there. */
  readonly open: (name: string) => Effect.Effect<DiskFile, SnapshotStoreError>
  /** Replaces what has the name. */
  readonly rename: (from: string, to: string) => Effect.Effect<void, SnapshotStoreError>
  /** Does nothing when it is not there. */
  readonly remove: (name: string) => Effect.Effect<void, SnapshotStoreError>
  /** Makes names durable, or fails with `io`. */
  readonly sync: Effect.Effect<void, SnapshotStoreError>
}
