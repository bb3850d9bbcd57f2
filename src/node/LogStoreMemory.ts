/**
 * A log store in memory, and the disk under it, which outlives the store so that a node can be stopped and started.
 *
 * It keeps the same promises as one on a real disk and fails the same ways, on demand. For tests and simulators.
 */
import { Effect, Layer, Random } from "effect"
import type { Term } from "../raft/Entry.ts"
import { type NodeId, StoreId } from "../raft/Membership.ts"
import { LogStore, type LogStoreError, type LogWrite, type Recovered } from "./LogStore.ts"
import { failure } from "./logstore/Failure.ts"
import { type Disk, logStart, makeWrite } from "./logstore/Writing.ts"

export interface MemoryDisk {
  /** What has been synced; null until a store was first opened on this disk. */
  contents: Recovered | null
  /** Runs before each write is kept, and nothing is kept unless it succeeds: a disk may fail here, or be slow. */
  sync: Effect.Effect<void, LogStoreError>
  /** A store is open on it. */
  isInUse: boolean
}

export const makeDisk = (): MemoryDisk => ({ contents: null, sync: Effect.void, isInUse: false })

export interface Options {
  readonly nodeId: NodeId
  /** Default: a new one, which is forgotten with the store. */
  readonly disk?: MemoryDisk
}

const place = "memory"

/** Opens a store on a disk of memory. */
export const layer = (options: Options): Layer.Layer<LogStore, LogStoreError> =>
  Layer.effect(LogStore, Effect.suspend(() => make(options)))

const make = Effect.fnUntraced(function*({ disk = makeDisk(), nodeId }: Options) {
  yield* take(disk)
  disk.contents ??= yield* makeContents(nodeId)
  const recovered = disk.contents
  if (recovered.nodeId !== nodeId) {
    return yield* failure("wrong-node", place, `belongs to node ${recovered.nodeId}, and this is node ${nodeId}`)
  }
  const refuse = ({ message }: LogStoreError) => failure("io", place, `an earlier write failed: ${message}`)
  return { recovered, write: makeWrite(view(disk, recovered), refuse) }
})

const take = (disk: MemoryDisk) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      if (disk.isInUse) return Effect.fail(failure("in-use", place, ""))
      disk.isInUse = true
      return Effect.void
    }),
    () =>
      Effect.sync(() => {
        disk.isInUse = false
      })
  )

const makeContents = Effect.fnUntraced(function*(nodeId: NodeId) {
  const drawn = yield* Random.nextIntBetween(0, 2 ** 32)
  const storeId = StoreId.make(`${nodeId}-${drawn.toString(16)}`)
  return { nodeId, storeId, hardState: { term: 0 as Term, votedFor: null }, entries: [] }
})

/** The log starts at 1, so an entry stands in its array one place before its index. */
const view = (disk: MemoryDisk, opened: Recovered): Disk => {
  const contents = () => disk.contents ?? opened
  const positionAt = (index: number) => contents().entries[index - 1] ?? logStart
  return {
    tail: () => ({ hardState: contents().hardState, last: positionAt(contents().entries.length) }),
    positionAt: (index) => Effect.sync(() => positionAt(index)),
    persist: (write) => Effect.flatMap(Effect.suspend(() => disk.sync), () => keep(disk, contents(), write))
  }
}

// A new array each time: what was handed out when the store was opened does not change.
const keep = (disk: MemoryDisk, before: Recovered, { entries, hardState }: LogWrite) =>
  Effect.sync(() => {
    const first = entries[0]?.index ?? Infinity
    disk.contents = {
      ...before,
      hardState: hardState ?? before.hardState,
      entries: [...before.entries.slice(0, first - 1), ...entries]
    }
  })
