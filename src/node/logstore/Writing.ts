/**
 * What is written to a log store and what is read back, with the rules that hold on either way.
 *
 * A log has no gaps, its terms and times never fall, the term of a node never falls, and a vote stands for its
 * term (§5.2). A write that breaks one of them is a bug of ours; a disk that shows one broken is damaged.
 */
import { Effect } from "effect"
import type { HardState } from "../../raft/Action.ts"
import type { Entry, LogIndex, Term } from "../../raft/Entry.ts"
import type { LogStoreError, LogWrite } from "../LogStore.ts"

/** Where a log ends, or where an entry stands in it. */
export type Position = Pick<Entry, "index" | "term" | "time">

/** Before the first entry. */
export const logStart: Position = { index: 0 as LogIndex, term: 0 as Term, time: 0 }

/** What is known of a store without looking at its disk. */
export interface Tail {
  readonly hardState: HardState
  readonly last: Position
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
const brokenRule = ({ hardState }: Tail, before: Position, write: LogWrite): string | undefined => {
  const broken = write.hardState && whyNotAfter(hardState, write.hardState)
  if (broken) return broken
  let last = before
  for (const entry of write.entries) {
    const broken = whyNotNext(last, entry)
    if (broken !== undefined) return broken
    last = entry
  }
  return whyNotIn(write.hardState ?? hardState, last)
}

/** What a kind of disk can do. */
export interface Disk {
  readonly tail: () => Tail
  /** The place of a stored entry; 0 stands before the first one. */
  readonly positionAt: (index: number) => Effect.Effect<Position, LogStoreError>
  /** Keeps all of it or nothing, and the tail with it. */
  readonly persist: (write: LogWrite) => Effect.Effect<void, LogStoreError>
}

/** Writes to a disk what keeps the rules. A disk that has failed is not tried again, unless it was only full. */
export const makeWrite = (disk: Disk, refuse: (first: LogStoreError) => LogStoreError) => {
  let refusal: LogStoreError | undefined
  return Effect.fnUntraced(
    function*(write: LogWrite) {
      if (refusal !== undefined) return yield* refusal
      const first = write.entries[0]
      if (first === undefined && write.hardState === null) return
      const tail = disk.tail()
      const before = first === undefined
        ? tail.last
        : yield* disk.positionAt(Math.min(first.index - 1, tail.last.index))
      const broken = brokenRule(tail, before, write)
      if (broken !== undefined) return yield* Effect.die(new Error(`Impossible write to the log: ${broken}`))
      yield* disk.persist(write)
    },
    // After a failed sync nobody knows what the disk holds, and a second one may succeed without having written
    // what the first one lost.
    Effect.tapError((error) =>
      Effect.sync(() => {
        if (error.reason !== "full") refusal ??= refuse(error)
      })
    )
  )
}
