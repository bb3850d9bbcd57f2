/**
 * The disk of one node: its log and its snapshots, in memory, with everything that goes wrong on real ones. It is slow,
 * full or broken for a while, and a crash loses what was not synced, or only a part of it.
 */
import { Effect, Layer } from "effect"
import { LogStoreError } from "../../node/LogStore.ts"
import * as LogStoreMemory from "../../node/LogStoreMemory.ts"
import { SnapshotStoreError } from "../../node/SnapshotStore.ts"
import * as MemoryDisk from "../../node/snapshotstore/MemoryDisk.ts"
import * as SnapshotStoreMemory from "../../node/SnapshotStoreMemory.ts"
import { type NodeId, StoreId } from "../../raft/Membership.ts"
import type { Rng } from "../Rng.ts"

export class NodeDisk {
  readonly log = LogStoreMemory.makeDisk()
  readonly #snapshots = MemoryDisk.make()
  readonly #nodeId: NodeId
  readonly #rng: Rng
  readonly #syncMillisMax: number
  /** Nothing is written before then, by the simulated clock. */
  #stuckMillis = 0
  #isFull = false
  /** So many operations later it breaks, once; never while it is negative. */
  #operationsLeft = -1
  isPerfect = false

  constructor(nodeId: NodeId, rng: Rng, syncMillisMax: number) {
    this.#nodeId = nodeId
    this.#rng = rng
    this.#syncMillisMax = syncMillisMax
    this.log.contents = LogStoreMemory.emptyContents(nodeId, StoreId.make(`store-of-${nodeId}`))
    this.log.sync = Effect.suspend(() => this.#beforeWrite())
    this.log.kept = Effect.suspend(() => this.#wait())
    this.#snapshots.trouble = Effect.suspend(() => this.#beforeSnapshot())
  }

  get layer() {
    return Layer.merge(
      LogStoreMemory.layer({ nodeId: this.#nodeId, disk: this.log }),
      SnapshotStoreMemory.layer(this.#snapshots)
    )
  }

  /** The next write takes so long. */
  stick(millis: number): void {
    this.#stuckMillis = millis
  }

  fill(isFull: boolean): void {
    this.#isFull = isFull
  }

  /** After so many more operations it fails, and with it its node. */
  breakAfter(operations: number): void {
    this.#operationsLeft = operations
  }

  /** The power fails: of each file some of what was not synced is there, and some names are old. */
  crash(): void {
    const { files, syncedFiles } = this.#snapshots
    // A directory is a journal: its names are those of some moment since the last sync.
    const after = new Map(this.#rng.chance(0.5) ? files : syncedFiles)
    for (const file of after.values()) {
      file.length = this.#rng.between(Math.min(file.syncedLength, file.length), file.length)
      file.syncedLength = file.length
    }
    this.#snapshots.files = after
    this.#snapshots.syncedFiles = new Map(after)
    this.#operationsLeft = -1
    this.#stuckMillis = 0
    this.#isFull = false
  }

  mend(): void {
    this.isPerfect = true
    this.#operationsLeft = -1
    this.#isFull = false
  }

  #beforeWrite(): Effect.Effect<void, LogStoreError> {
    const message = `the disk of ${this.#nodeId} is in trouble`
    if (this.#breaks()) return Effect.fail(new LogStoreError({ reason: "io", message }))
    if (this.#isFull) return Effect.fail(new LogStoreError({ reason: "full", message }))
    return this.#wait()
  }

  #beforeSnapshot(): Effect.Effect<void, SnapshotStoreError> {
    const message = `the disk of ${this.#nodeId} is in trouble`
    if (this.#breaks()) return Effect.fail(new SnapshotStoreError({ reason: "io", message }))
    return this.#isFull ? Effect.fail(new SnapshotStoreError({ reason: "full", message })) : Effect.void
  }

  #breaks(): boolean {
    if (this.#operationsLeft < 0) return false
    this.#operationsLeft -= 1
    return this.#operationsLeft < 0
  }

  #wait(): Effect.Effect<void> {
    const millis = this.#stuckMillis + (this.isPerfect ? 0 : Math.floor(this.#rng.next() * this.#syncMillisMax))
    this.#stuckMillis = 0
    return millis > 0 ? Effect.sleep(millis) : Effect.void
  }
}
