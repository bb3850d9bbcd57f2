/**
 * What the contract of a `SnapshotStore` stands on: one disk, on which stores are opened one after the other, and which
 * can be made to fail.
 */
import { Effect, type Scope } from "effect"
import type { SnapshotStore, SnapshotStoreError } from "../../../src/node/SnapshotStore.ts"

export interface Ground {
  /** Opens a store on the disk, until the scope closes. */
  readonly open: Effect.Effect<SnapshotStore["Service"], SnapshotStoreError, Scope.Scope>
  /** Lets everything that is written, synced or named fail for this reason, or nothing. */
  readonly fail: (reason: "full" | "io" | null) => Effect.Effect<void>
  /** The names of its files. */
  readonly names: Effect.Effect<ReadonlyArray<string>>
  /** Flips a bit of the file of this name. */
  readonly flip: (name: string, at: number) => Effect.Effect<void>
  /** Takes all but so many bytes of the file of this name away. */
  readonly cut: (name: string, bytes: number) => Effect.Effect<void>
}

/** Makes a test of what is done on a ground of its own. */
export type On = <E>(
  run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>
) => () => Effect.Effect<void, E, Scope.Scope>

/** Opens a store, works with it and closes it. */
export const use = <A, E>(
  ground: Ground,
  work: (store: SnapshotStore["Service"]) => Effect.Effect<A, E, Scope.Scope>
): Effect.Effect<A, E | SnapshotStoreError> => Effect.scoped(Effect.flatMap(ground.open, work))
