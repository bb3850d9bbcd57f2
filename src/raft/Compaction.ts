/**
 * What a node does with a snapshot of its own: it forgets the entries that the snapshot covers (§7), but not
 * all of them at once. Who is a little behind should get entries, not one snapshot after the other.
 *
 * Only what a durable snapshot covers is ever forgotten, and never what is behind it.
 */
import { Action } from "./Action.ts"
import { type LogIndex, logIndex } from "./Entry.ts"
import type { Progress } from "./Progress.ts"
import * as RaftLog from "./RaftLog.ts"
import { configAt, isLeading, type RaftState } from "./RaftState.ts"
import type { Snapshot } from "./Snapshot.ts"
import { nothing, type Step } from "./Step.ts"

/** What a snapshot of the state machine stands for once every entry up to `index` is applied; the log still has it. */
export const snapshotAt = (state: RaftState, index: LogIndex): Snapshot => {
  const { term, time } = RaftLog.positionAt(state.log, index)!
  const { index: configIndex, membership } = configAt(state, index)!
  return { index, term, time, configIndex, membership }
}

/** This node has a newer snapshot, of its own making or from its leader. An older one is of no use. */
export const adopt = (state: RaftState, snapshot: Snapshot): Step => {
  if (snapshot.index <= (state.snapshot?.index ?? 0)) return nothing(state)
  const first = state.configs.findIndex(({ index }) => index >= snapshot.configIndex)
  const configs = state.configs.slice(Math.max(0, first - pastConfigsMax))
  const adopted: RaftState = { ...state, snapshot, configs }
  const to = compactableTo(adopted, snapshot.index)
  if (to <= state.log.start.index) return nothing(adopted)
  return [{ ...adopted, log: RaftLog.compact(state.log, to) }, [Action.CompactLog({ to })]]
}

/**
 * Memberships before the snapshot's can not come back, because the entry with its own is committed. A few are kept to
 * tell who was a member: whether this node has been removed, or one that asks to join.
 */
const pastConfigsMax = 16

/**
 * Keeps `retainedEntries` always, because who is behind may be down, and another node may lead when it is
 * back; more than that for followers that need it now; and for nobody more than `retainedBytes`.
 */
const compactableTo = (state: RaftState, covered: LogIndex): LogIndex => {
  const { retainedBytes, retainedEntries } = state.settings
  const wanted = Math.min(covered - retainedEntries, ...neededBy(state))
  return logIndex(Math.max(wanted, RaftLog.leastWithin(state.log, covered, retainedBytes)))
}

/** Up to where each connected follower holds the log, or will hold it when the snapshot on its way is installed. */
const neededBy = (state: RaftState): ReadonlyArray<LogIndex> =>
  isLeading(state)
    ? [...state.role.progress].flatMap(([id, one]) => state.links.has(id) ? heldBy(one) : [])
    : []

const heldBy = ({ matchIndex, mode, snapshot }: Progress): ReadonlyArray<LogIndex> =>
  snapshot !== null ? [snapshot.index] : mode === "Replicate" ? [matchIndex] : []
