/**
 * Linearizable reads without a log entry (dissertation §6.4).
 *
 * A read gets the commit index of its arrival, and is confirmed when a majority has answered a round
 * of heartbeats that began after it came: then no newer leader can have committed anything before.
 */
import { Action } from "./Action.ts"
import { logIndex } from "./Entry.ts"
import { majorityOf } from "./Quorum.ts"
import { isLeading, type Leading, type RaftState } from "./RaftState.ts"
import * as Replication from "./Replication.ts"
import { andThen, nothing, type Step } from "./Step.ts"

/** Who is not the leader gives no answer: the shell, which knows who asked, does. */
export const request = (state: RaftState, read: number): Step => {
  if (!isLeading(state)) return nothing(state)
  const { role } = state
  const round = role.round + 1
  // Entries of earlier terms may be committed without this leader knowing it yet; all of them stand
  // before the entry that opened its term, so a read waits for that one (§8).
  const index = logIndex(Math.max(state.commitIndex, role.opening))
  const asking: Leading = { ...state, role: { ...role, round, reads: [...role.reads, { read, index, round }] } }
  return andThen(Replication.beat(asking), confirm)
}

/** Confirms the reads whose round a majority has answered. */
export const confirm = (state: RaftState): Step => {
  if (!isLeading(state) || state.role.reads.length === 0) return nothing(state)
  const { role } = state
  const round = majorityOf(state, (id) => id === state.self ? role.round : role.progress.get(id)?.round ?? 0)
  const confirmed = role.reads.filter((read) => read.round <= round)
  if (confirmed.length === 0) return nothing(state)
  return [
    { ...state, role: { ...role, reads: role.reads.filter((read) => read.round > round) } },
    confirmed.map(({ index, read }) => Action.ConfirmRead({ read, index }))
  ]
}
