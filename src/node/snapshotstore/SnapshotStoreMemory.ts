/**
 * A snapshot store in memory, for tests and simulators. It keeps the promises of the one in files and fails the same
 * ways, on demand.
 */
import { Effect, Layer } from "effect"
import { SnapshotStore, type SnapshotStoreError } from "../SnapshotStore.ts"
import * as MemoryDisk from "./MemoryDisk.ts"
import * as Store from "./Store.ts"

/** On a disk that outlives it, or on a new one that is forgotten with it. */
export const layer = (
  disk: MemoryDisk.MemoryDisk = MemoryDisk.make()
): Layer.Layer<SnapshotStore, SnapshotStoreError> =>
  Layer.effect(SnapshotStore, Effect.suspend(() => Store.open(MemoryDisk.view(disk))))
