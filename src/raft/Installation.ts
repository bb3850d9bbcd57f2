/**
 * The follower's side of InstallSnapshot, as figure 13 has it (§7). By the time the message counts as received,
 * all bytes of the snapshot are here, verified and ready to be swapped in: what is left is to decide.
 *
 * Nothing that is committed is ever lost by it, and it is acknowledged only when it is durable.
 */
import { Action } from "./Action.ts"
import * as Compaction from "./Compaction.ts"
import type { NodeId } from "./Membership.ts"
import * as RaftLog from "./RaftLog.ts"
import { RaftMessage } from "./RaftMessage.ts"
import type { RaftState } from "./RaftState.ts"
import * as Replica from "./Replica.ts"
import type { Snapshot } from "./Snapshot.ts"
import { andThen, nothing, type Step } from "./Step.ts"

type InstallSnapshot = Extract<RaftMessage, { _tag: "InstallSnapshot" }>

export const onInstallSnapshot = (state: RaftState, from: NodeId, message: InstallSnapshot): Step => {
  const { round, snapshot: { index, term } } = message
  if (message.term < state.term) {
    return [state, [Replica.reject(state, from, { prevLogIndex: index, prevLogTerm: term, round: 0 })]]
  }
  const taken = andThen(Replica.follow(state, from, message), (s) => install(s, message.snapshot))
  const acknowledge = Action.SendAfterSync({
    to: from,
    message: RaftMessage.cases.Appended.make({ term: taken[0].term, matchIndex: index, round })
  })
  return andThen(taken, (s) => [s, [acknowledge]])
}

/** What is committed here already is what the snapshot covers (§5.4.3): a late one is acknowledged, and that is all. */
const install = (state: RaftState, snapshot: Snapshot): Step => {
  if (snapshot.index <= state.commitIndex) return nothing(state)
  const keepsLog = RaftLog.termAt(state.log, snapshot.index) === snapshot.term
  const committed: RaftState = { ...(keepsLog ? state : restarted(state, snapshot)), commitIndex: snapshot.index }
  return andThen(
    [committed, [Action.InstallSnapshot({ snapshot, keepsLog })]],
    (s) => Compaction.adopt(s, snapshot)
  )
}

/**
 * The log does not have the snapshot's last entry, so what follows there is of no use (figure 13, step 7). A log that
 * has it keeps what follows, with the memberships in it (step 6).
 */
const restarted = (state: RaftState, { configIndex, index, membership, term, time }: Snapshot): RaftState => {
  // What was committed is history all the same: this node may learn by the snapshot that it has been removed.
  const past = state.configs.filter((config) => config.index <= state.commitIndex && config.index < configIndex)
  const log = RaftLog.empty({ index, term, time })
  return { ...state, log, configs: [...past, { index: configIndex, membership }] }
}
