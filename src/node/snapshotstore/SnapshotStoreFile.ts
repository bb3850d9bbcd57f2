/**
 * Snapshots in files of the data directory, in a directory of their own.
 */
import { Effect, Layer } from "effect"
import { join } from "node:path"
import { LogStore } from "../LogStore.ts"
import { SnapshotStore, type SnapshotStoreError } from "../SnapshotStore.ts"
import * as RealDisk from "./RealDisk.ts"
import * as Store from "./Store.ts"

export interface Options {
  readonly dataDir: string
}

/** The log comes first: it is what holds the data directory for this node and this process. */
export const layer = ({ dataDir }: Options): Layer.Layer<SnapshotStore, SnapshotStoreError, LogStore> =>
  Layer.effect(
    SnapshotStore,
    Effect.gen(function*() {
      yield* LogStore
      return yield* Store.open(yield* RealDisk.make(join(dataDir, "snapshots")))
    })
  )
