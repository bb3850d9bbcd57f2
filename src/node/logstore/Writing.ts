/**
 * What is written to a log store and what is read back, with the rules that hold on either way.
 *
 * A log has no gaps, its terms and times never fall, the term of a node never falls, and a vote stands for its
 * term (§5.2). A write that breaks one of them is a bug of ours; a disk that shows one broken is damaged.
 */
import { Effect } from "effect"
import type { HardState } from "../../raft/Action.ts"
import type { Entry, LogIndex, Position, Term } from "../../raft/Entry.ts"
import type { StoreId } from "../../raft/Membership.ts"
import type { LogStoreError, LogWrite } from "../LogStore.ts"
import type { PeerMark } from "../peers/PeerMark.ts"

/** Before the first entry of all. */
export const logStart: Position = { index: 0 as LogIndex, term: 0 as Term, time: 0 }

/** How many stores of others are remembered: more than a cluster has had for as long as anybody remembers. */
export const peersMax = 64

/** What is known of a store without looking at its disk. */
export interface Tail {
  readonly hardState: HardState
  /** The place before the first entry, and that of the last one; the same when there is none. */
  readonly start: Position
  readonly last: Position
}

/** A write that keeps the rules, as a disk does it. */
export interface Change {
  readonly hardState: HardState | null
  /** What is stored after this index goes before anything comes; null when nothing goes. */
  readonly cutAfter: number | null
  readonly entries: ReadonlyArray<Entry>
  /** Where the log starts from now on; null when that stays. */
  readonly start: Position | null
  readonly peers: ReadonlyMap<StoreId, PeerMark>
  /** Where the store stands once it is done. */
  readonly tail: Tail
}

/** Why this cannot be the entry after that one, or undefined. */
export const whyNotNext = (before: Position, entry: Position): string | undefined => {
  if (entry.index !== before.index + 1) return `entry ${before.index} is followed by entry ${entry.index}`
  if (entry.term < before.term) {
    return `entry ${entry.index} has term ${entry.term}, less than the ${before.term} of the entry before it`
  }
  return entry.time < before.time
    ? `entry ${entry.index} has time ${entry.time}, less than the ${before.time} of the entry before it`
    : undefined
}

/** Why a node with this hard state cannot have a log that ends there, or undefined. */
export const whyNotIn = ({ term }: HardState, last: Position): string | undefined =>
  last.term > term ? `entry ${last.index} has term ${last.term}, but the node's own term is ${term}` : undefined

const whyNotAfter = (before: HardState, next: HardState): string | undefined => {
  if (next.term < before.term) return `the term falls from ${before.term} to ${next.term}`
  const isChanged = before.votedFor !== null && next.votedFor !== before.votedFor
  return next.term === before.term && isChanged
    ? `the vote of term ${next.term} changes from ${before.votedFor} to ${next.votedFor}`
    : undefined
}

/** The first rule that a write breaks, or undefined. `before` is the place just before its first entry. */
const brokenRule = (tail: Tail, before: Position, write: LogWrite): string | undefined => {
  const broken = write.hardState && whyNotAfter(tail.hardState, write.hardState)
  if (broken) return broken
  const { compactTo, reset } = write
  if (reset && reset.index < tail.start.index) {
    return `the log starts after entry ${reset.index}, and has started after entry ${tail.start.index}`
  }
  let last = before
  for (const entry of write.entries) {
    const broken = whyNotNext(last, entry)
    if (broken !== undefined) return broken
    last = entry
  }
  if (compactTo && compactTo > last.index) return `entry ${compactTo} is compacted, and the last one is ${last.index}`
  return whyNotIn(write.hardState ?? tail.hardState, last)
}

/** What a kind of disk can do. */
export interface Disk {
  readonly tail: () => Tail
  /** The place of a stored entry. */
  readonly positionAt: (index: number) => Effect.Effect<Position, LogStoreError>
  /** Keeps all of it or nothing, and the tail with it. */
  readonly persist: (change: Change) => Effect.Effect<void, LogStoreError>
}

/** Writes to a disk what keeps the rules. A disk that has failed is not tried again, unless it was only full. */
export const makeWrite = (disk: Disk, refuse: (first: LogStoreError) => LogStoreError) => {
  let refusal: LogStoreError | undefined
  // After a failed sync nobody knows what the disk holds, and a second one may succeed without having written
  // what the first one lost.
  const note = (error: LogStoreError) => {
    if (error.reason !== "full") refusal ??= refuse(error)
  }
  return (write: LogWrite): Effect.Effect<void, LogStoreError> =>
    Effect.suspend(() => {
      if (refusal !== undefined) return Effect.fail(refusal)
      const done = Effect.flatMap(
        changeOf(disk, write),
        (change) => change === null ? Effect.void : disk.persist(change)
      )
      return Effect.tapError(done, (error) => Effect.sync(() => note(error)))
    })
}

const nobody: ReadonlyMap<StoreId, PeerMark> = new Map()

/** What a write means on this disk; null when it means nothing. */
const changeOf = Effect.fnUntraced(function*(disk: Disk, write: LogWrite) {
  const { compactTo = null, entries, hardState, peers = nobody, reset = null } = write
  const tail = disk.tail()
  const isCompacted = compactTo !== null && compactTo > (reset ?? tail.start).index
  if (hardState === null && reset === null && entries.length === 0 && !isCompacted && peers.size === 0) return null

  const { last, start } = reset === null ? tail : { start: reset, last: reset }
  const placeOf = (index: number) => {
    if (index <= start.index) return Effect.succeed(start)
    return index >= last.index ? Effect.succeed(last) : disk.positionAt(index)
  }
  const [first] = entries
  const before = first === undefined ? last : yield* placeOf(first.index - 1)
  const broken = brokenRule(tail, before, write)
  if (broken !== undefined) return yield* Effect.die(new Error(`Impossible write to the log: ${broken}`))
  const compacted = isCompacted
    ? positionOf(entries[compactTo - before.index - 1] ?? (yield* placeOf(compactTo)))
    : reset
  return {
    hardState,
    cutAfter: reset === null && (first === undefined || before.index === last.index) ? null : before.index,
    entries,
    start: compacted,
    peers,
    tail: {
      hardState: hardState ?? tail.hardState,
      start: compacted ?? start,
      last: positionOf(entries.at(-1) ?? last)
    }
  } satisfies Change
})

/** Without the payload, which would stay in memory with it. */
const positionOf = ({ index, term, time }: Position): Position => ({ index, term, time })
