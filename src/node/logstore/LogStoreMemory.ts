/**
 * A log store in memory, and the disk under it, which outlives the store so that a node can be stopped and started.
 *
 * It keeps the same promises as one on a real disk and fails the same ways, on demand. For tests and simulators.
 */
import { Effect, Layer, Random } from "effect"
import type { Entry, Term } from "../../raft/Entry.ts"
import { type NodeId, StoreId } from "../../raft/Membership.ts"
import { LogStore, type LogStoreError, type Recovered } from "../LogStore.ts"
import { failure } from "./Failure.ts"
import { type Change, type Disk, logStart, makeWrite, peersMax } from "./Writing.ts"

export interface MemoryDisk {
  /** What has been synced; null until a store was first opened on this disk. */
  contents: Recovered | null
  /** Runs before each write is kept, and nothing is kept unless it succeeds: a disk may fail here, or be slow. */
  sync: Effect.Effect<void, LogStoreError>
  /** Runs after each write is kept, before whoever wrote it knows: a node may fall in between. */
  kept: Effect.Effect<void>
  /** A store is open on it. */
  isInUse: boolean
}

export const makeDisk = (): MemoryDisk => ({ contents: null, sync: Effect.void, kept: Effect.void, isInUse: false })

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
  const contents = disk.contents ?? (yield* makeContents(nodeId))
  if (contents.nodeId !== nodeId) {
    return yield* failure("wrong-node", place, `belongs to node ${contents.nodeId}, and this is node ${nodeId}`)
  }
  disk.contents = contents
  // As on a real disk: an opening that writes nothing leaves nothing.
  const recovered = { ...contents, boots: contents.boots + 1 }
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
  return emptyContents(nodeId, StoreId.make(`${nodeId}-${drawn.toString(16)}`))
})

/** What a new store holds, before it is first opened. */
export const emptyContents = (nodeId: NodeId, storeId: StoreId): Recovered => ({
  nodeId,
  storeId,
  hardState: { term: 0 as Term, votedFor: null },
  start: logStart,
  entries: [],
  boots: 0,
  peers: new Map()
})

const view = (disk: MemoryDisk, opened: Recovered): Disk => {
  const contents = () => disk.contents ?? opened
  const positionAt = (index: number) => contents().entries[index - contents().start.index - 1] ?? contents().start
  return {
    tail: () => {
      const { entries, hardState, start } = contents()
      return { hardState, start, last: entries.at(-1) ?? start }
    },
    positionAt: (index) => Effect.sync(() => positionAt(index)),
    persist: (change) =>
      Effect.flatMap(Effect.suspend(() => disk.sync), () =>
        Effect.sync(() => {
          disk.contents = keep(contents(), opened.boots, change)
        })).pipe(Effect.andThen(Effect.suspend(() => disk.kept)))
  }
}

// New arrays and maps each time: what was handed out when the store was opened does not change.
const keep = (before: Recovered, boots: number, { cutAfter, entries, peers, tail }: Change): Recovered => {
  const isKept = ({ index }: Entry) => index > tail.start.index
  const old = before.entries.filter((entry) => isKept(entry) && entry.index <= (cutAfter ?? Infinity))
  return {
    ...before,
    boots,
    hardState: tail.hardState,
    start: tail.start,
    entries: [...old, ...entries.filter(isKept)],
    peers: noteLast(before.peers, peers)
  }
}

/** Those noted last stand last, and old ones go. */
const noteLast = (before: Recovered["peers"], noted: Recovered["peers"]): Recovered["peers"] =>
  new Map([...before].filter(([storeId]) => !noted.has(storeId)).concat([...noted]).slice(-peersMax))
