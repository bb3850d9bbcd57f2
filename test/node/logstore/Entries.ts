/**
 * Entries and hard states for tests of the log store, each told from the others by its index.
 */
import type { HardState } from "../../../src/raft/Action.ts"
import { type Entry, LogIndex, type Position, Term } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../src/raft/Membership.ts"

export interface Stamp {
  readonly term?: number
  readonly time?: number
}

/** An entry whose command names its index, and whose time is ten times it. */
export const entryAt = (index: number, stamp: Stamp = {}): Entry =>
  commandOf(index, new TextEncoder().encode(`command ${index}`), stamp)

export const commandOf = (index: number, bytes: Uint8Array, { term = 1, time = index * 10 }: Stamp = {}): Entry => ({
  index: index as LogIndex,
  term: Term.make(term),
  time,
  payload: { _tag: "Command", bytes }
})

/** Where an entry stands. */
export const placeOf = ({ index, term, time }: Entry): Position => ({ index, term, time })

export const noopAt = (index: number): Entry => ({ ...entryAt(index), payload: { _tag: "Noop" } })

export const configOf = (index: number): Entry => ({
  ...entryAt(index),
  payload: {
    _tag: "Config",
    membership: {
      clusterId: ClusterId.make("cluster"),
      members: [
        { nodeId: NodeId.make("n1"), raft: "127.0.0.1:9081", voter: true, storeId: StoreId.make("store") },
        { nodeId: NodeId.make("n2"), raft: "127.0.0.1:9082", voter: false, storeId: null }
      ]
    }
  }
})

export const entriesOf = (first: number, last: number, stamp: Stamp = {}): ReadonlyArray<Entry> =>
  Array.from({ length: last - first + 1 }, (_, offset) => entryAt(first + offset, stamp))

export const hardStateOf = (term: number, votedFor: NodeId | null): HardState => ({ term: Term.make(term), votedFor })
