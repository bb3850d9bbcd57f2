/**
 * The leader's side of InstallSnapshot (§7): who gets a snapshot, and what is asked of it meanwhile.
 *
 * A snapshot is sent when the next entry a follower needs is no longer in the log, and only then. While it
 * is on its way the follower gets heartbeats, and no entries.
 */
import { Action } from "./Action.ts"
import { type LogIndex, logIndex } from "./Entry.ts"
import type { NodeId } from "./Membership.ts"
import * as Progress from "./Progress.ts"
import * as RaftLog from "./RaftLog.ts"
import type { Leading, RaftState } from "./RaftState.ts"
import { nothing, type Step, violated } from "./Step.ts"

/** Whether the entry that the follower needs next has been compacted away. */
export const isNeeded = ({ log }: RaftState, one: Progress.Progress): boolean =>
  one.mode !== "Snapshot" && one.nextIndex <= log.start.index

/** Sends the newest snapshot that this node has. */
export const begin = (state: Leading, to: NodeId, one: Progress.Progress): readonly [Progress.Progress, Action] => {
  const { role: { round }, snapshot, term } = state
  if (snapshot === null || snapshot.index < state.log.start.index) {
    return violated("compaction (§7): the log starts behind the newest snapshot")
  }
  const message = { _tag: "InstallSnapshot", term, snapshot, round } as const
  return [Progress.snapshotSent(one, snapshot), Action.SendSnapshot({ to, message })]
}

/** The term of the entry that the next message to this follower stands behind. */
export const prevTerm = ({ log }: Leading, { nextIndex, snapshot }: Progress.Progress) =>
  snapshot?.term ?? RaftLog.termAt(log, logIndex(nextIndex - 1))!

/** A follower is back. Its log may hold more than it has told: it is asked before it is sent a snapshot. */
export const afresh = (state: RaftState, one: Progress.Progress): Progress.Progress => {
  const known = Progress.disconnected(one)
  return isNeeded(state, known) ? Progress.probeFrom(one, logIndex(state.log.lastIndex + 1)) : known
}

export const failed = (state: Leading, peer: NodeId, index: LogIndex): Step => {
  const one = state.role.progress.get(peer)
  if (one?.snapshot?.index !== index) return nothing(state)
  const progress = new Map(state.role.progress).set(peer, Progress.snapshotFailed(one, state.log.lastIndex))
  return nothing({ ...state, role: { ...state.role, progress } } satisfies Leading)
}
