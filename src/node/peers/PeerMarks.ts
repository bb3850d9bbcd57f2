/**
 * The marks of all stores that a node has heard of. A leader makes them, of its followers and of itself, and tells
 * them to all, so that any node that is left recognises a store that was put back to an older copy.
 *
 * A mark is written with whatever is written next, never by a sync of its own: one that is lost with a crash costs
 * only what it could have proved. What a mark says stays true for ever, so it does not matter who says it or when.
 */
import { LogIndex } from "../../raft/Entry.ts"
import type { StoreId } from "../../raft/Membership.ts"
import { isLeading, type RaftState } from "../../raft/RaftState.ts"
import type { Recovered } from "../LogStore.ts"
import { peersMax } from "../logstore/Writing.ts"
import { farther, type PeerMark } from "./PeerMark.ts"

export interface PeerMarks {
  /** Those noted last stand last. */
  readonly known: Map<StoreId, PeerMark>
  /** What is known and not written. */
  readonly unwritten: Map<StoreId, PeerMark>
}

export const make = ({ peers }: Pick<Recovered, "peers">): PeerMarks => ({
  known: new Map(peers),
  unwritten: new Map()
})

/** Says nothing new unless it is farther than what is known. */
export const note = ({ known, unwritten }: PeerMarks, storeId: StoreId, seen: PeerMark): void => {
  const before = known.get(storeId)
  const mark = farther(before, seen)
  if (mark === before) return
  known.delete(storeId)
  known.set(storeId, mark)
  unwritten.set(storeId, mark)
  for (const oldest of known.keys()) {
    if (known.size <= peersMax) return
    known.delete(oldest)
    unwritten.delete(oldest)
  }
}

const nothing: ReadonlyMap<StoreId, PeerMark> = new Map()

/** Everything that waits to be written, which counts as written from now on. */
export const takeUnwritten = ({ unwritten }: PeerMarks): ReadonlyMap<StoreId, PeerMark> => {
  if (unwritten.size === 0) return nothing
  const taken = new Map(unwritten)
  unwritten.clear()
  return taken
}

/** What a leader sees of its followers, and knows of itself. Who does not lead has seen nothing. */
export const observe = (marks: PeerMarks, state: RaftState): void => {
  if (!isLeading(state)) return
  const { commitIndex, role: { persisted, progress }, storeId } = state
  const upTo = (index: LogIndex): PeerMark => ({
    boots: 0,
    matchIndex: LogIndex.make(Math.min(index, commitIndex))
  })
  note(marks, storeId, upTo(persisted))
  for (const one of progress.values()) if (one.storeId !== null) note(marks, one.storeId, upTo(one.matchIndex))
}

/** Those of some stores. */
export const ofStores = (
  { known }: PeerMarks,
  stores: Iterable<StoreId | null>
): ReadonlyArray<PeerMark & { readonly storeId: StoreId }> =>
  [...stores].flatMap((storeId) => {
    const mark = storeId === null ? undefined : known.get(storeId)
    return storeId === null || mark === undefined ? [] : [{ ...mark, storeId }]
  })
