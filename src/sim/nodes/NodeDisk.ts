/**
 * The disk of one node: its log and its snapshots, in memory, with everything that goes wrong on real ones. It is slow,
 * full or broken for a while, and a crash loses what was not synced, or only a part of it.
 */
import { Effect, Layer } from "effect"
import { type LogStore, LogStoreError } from "../../node/LogStore.ts"
import * as LogStoreMemory from "../../node/logstore/LogStoreMemory.ts"
import { SnapshotStoreError } from "../../node/SnapshotStore.ts"
import * as MemoryDisk from "../../node/snapshotstore/MemoryDisk.ts"
import * as SnapshotStoreMemory from "../../node/snapshotstore/SnapshotStoreMemory.ts"
import { partName } from "../../node/snapshotstore/Writing.ts"
import type { Entry } from "../../raft/Entry.ts"
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
  #hasPower = true
  isPerfect = false
  /** What is on it cannot be read back, and its node must notice when it starts. */
  isDamaged = false
  #isLogDamaged = false
  #wipes = 0
  #isWriting = false
  /** Runs as its node has begun to write a snapshot of its own; gives how long the disk hangs then. */
  beginsSnapshot: Effect.Effect<number> = Effect.succeed(0)

  constructor(nodeId: NodeId, rng: Rng, syncMillisMax: number) {
    this.#nodeId = nodeId
    this.#rng = rng
    this.#syncMillisMax = syncMillisMax
    this.#makeEmpty()
    this.log.sync = Effect.suspend(() => this.#beforeWrite())
    this.log.kept = Effect.suspend(() => this.#wait())
    this.#snapshots.trouble = Effect.suspend(() => this.#beforeSnapshot())
  }

  get storeId(): StoreId {
    return this.log.contents!.storeId
  }

  get entries(): ReadonlyArray<Entry> {
    return this.log.contents!.entries
  }

  /** That a damaged log is noticed is what every log store promises; the one here has no bytes to be damaged. */
  get logLayer(): Layer.Layer<LogStore, LogStoreError> {
    const corrupt = new LogStoreError({ reason: "corrupt", message: `the log of ${this.#nodeId} is damaged` })
    return this.#isLogDamaged
      ? Layer.effectContext(Effect.fail(corrupt))
      : LogStoreMemory.layer({ nodeId: this.#nodeId, disk: this.log })
  }

  get snapshotLayer() {
    return SnapshotStoreMemory.layer(this.#snapshots)
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

  /** Whatever is under way gets no further than it is. */
  cutPower(): void {
    this.#hasPower = false
  }

  /** Its process has ended, and its machine goes on: what was written is there, and may be lost as long as it could. */
  kill(): void {
    this.#operationsLeft = -1
    this.#stuckMillis = 0
    this.#isFull = false
    this.#hasPower = true
  }

  /** The power has failed: of each file some of what was not synced is there, and some names are old. */
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
    this.kill()
  }

  /** Another one is in its place. */
  wipe(): void {
    this.crash()
    this.#wipes += 1
    this.isDamaged = false
    this.#isLogDamaged = false
    this.#makeEmpty()
  }

  /** While its node is down a bit of it turns, or a write turns out to have gone where another one was. */
  damage(): void {
    this.isDamaged = true
    const newest = this.#newestSnapshot()
    const kind = newest === undefined || newest.length === 0 ? "log" : this.#rng.pick(["log", "log", "bit", "stray"])
    if (kind === "log") this.#isLogDamaged = true
    if (kind === "bit") turnBit(newest!.bytes, this.#rng.between(0, newest!.length - 1), this.#rng)
    if (kind === "stray") stray(newest!.bytes.subarray(0, newest!.length), this.#rng)
  }

  /** Where the newest snapshot on it ends; below 0 if there is none. */
  get snapshotIndex(): number {
    return Math.max(-1, ...[...this.#snapshots.files.keys()].map(indexOf))
  }

  #newestSnapshot() {
    const [newest] = [...this.#snapshots.files.keys()].toSorted((a, b) => indexOf(b) - indexOf(a))
    return newest !== undefined && indexOf(newest) >= 0 ? this.#snapshots.files.get(newest) : undefined
  }

  #makeEmpty(): void {
    const storeId = StoreId.make(`store-${this.#wipes}-of-${this.#nodeId}`)
    this.log.contents = LogStoreMemory.emptyContents(this.#nodeId, storeId)
    this.#snapshots.files = new Map()
    this.#snapshots.syncedFiles = new Map()
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
    if (this.#isFull) return Effect.fail(new SnapshotStoreError({ reason: "full", message }))
    const wasWriting = this.#isWriting
    this.#isWriting = this.#snapshots.files.has(partName)
    if (!this.#isWriting || wasWriting) return this.#wait()
    return Effect.flatMap(this.beginsSnapshot, (millis) => Effect.andThen(this.#wait(), Effect.sleep(millis)))
  }

  #breaks(): boolean {
    if (!this.#hasPower) return true
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

const indexOf = (name: string): number => Number(/^(\d+)-.*\.snapshot$/.exec(name)?.[1] ?? -1)

const turnBit = (bytes: Uint8Array, at: number, rng: Rng): void => {
  bytes[at]! ^= 1 << rng.between(0, 7)
}

/** Some bytes stand where others should; if they are the same ones by chance, one of them is turned. */
const stray = (bytes: Uint8Array, rng: Rng): void => {
  const length = Math.min(32, bytes.length)
  const [from, to] = [rng.between(0, bytes.length - length), rng.between(0, bytes.length - length)]
  const before = bytes.slice(to, to + length)
  bytes.copyWithin(to, from, from + length)
  if (before.every((byte, at) => byte === bytes[to + at])) turnBit(bytes, to, rng)
}
