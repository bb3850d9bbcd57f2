/**
 * The follower's side of replication: AppendEntries, as figure 2 has it (§5.3).
 *
 * What matches is never touched, what conflicts is dropped, what is committed can not conflict; and
 * an acknowledgement leaves only when what it acknowledges is on disk.
 */
import { Action } from "./Action.ts"
import { type Entry, type LogIndex, logIndex, type Term } from "./Entry.ts"
import type { NodeId } from "./Membership.ts"
import * as RaftLog from "./RaftLog.ts"
import { RaftMessage } from "./RaftMessage.ts"
import { appendEntries, followerOf, type RaftState, truncateAfter } from "./RaftState.ts"
import { andThen, nothing, type Step, violated } from "./Step.ts"
import { adoptTerm, arm } from "./TermRule.ts"

type AppendEntries = Extract<RaftMessage, { _tag: "AppendEntries" }>

export const onAppendEntries = (state: RaftState, from: NodeId, message: AppendEntries): Step => {
  // The term in the answer makes a deposed leader step down. No round is answered: its sender may lead the
  // newer term by now, and would take the round of its older term for one of this term.
  if (message.term < state.term) return [state, [reject(state, from, { ...message, round: 0 })]]
  return andThen(follow(state, from, message), (s) =>
    RaftLog.matches(s.log, message.prevLogIndex, message.prevLogTerm)
      ? accept(s, from, message)
      : [s, [reject(s, from, message)]])
}

/** The sender leads this term: follow it, and wait a whole timeout again. */
export const follow = (state: RaftState, from: NodeId, { term }: { readonly term: Term }): Step => {
  if (state.role._tag === "Leader" && term === state.term) {
    return violated(`election safety (§5.2): ${from} and ${state.self} both lead term ${term}`)
  }
  if (term === state.term && isFollowing(state, from)) return arm(state, "timeout")
  return andThen(adoptTerm(state, term), (s) => arm({ ...s, role: followerOf(from) }, "timeout"))
}

const isFollowing = ({ role }: RaftState, leader: NodeId): boolean =>
  role._tag === "Follower" && role.leader === leader && role.leaderHeard

const accept = (state: RaftState, from: NodeId, message: AppendEntries): Step => {
  const fresh = message.entries.slice(RaftLog.firstNew(state.log, message.entries))
  const matchIndex = logIndex(message.prevLogIndex + message.entries.length)
  // As a plain value: there is one for every message of a leader, and to check it takes longer than to make it.
  const acknowledge: Action = {
    _tag: "SendAfterSync",
    to: from,
    message: { _tag: "Appended", term: state.term, matchIndex, round: message.round }
  }
  return andThen(store(state, fresh), (s) =>
    andThen([s, [acknowledge]], (stored) =>
      // No further than what this very message has verified: entries after it may still conflict.
      commitTo(stored, logIndex(Math.min(message.leaderCommit, matchIndex)))))
}

const store = (state: RaftState, entries: ReadonlyArray<Entry>): Step => {
  const first = entries[0]
  if (!first) return nothing(state)
  if (first.index <= state.commitIndex) {
    return violated(`leader completeness (§5.4.3): committed entry ${first.index} would be replaced`)
  }
  const kept = truncateAfter(state, logIndex(first.index - 1))
  return [appendEntries(kept, entries), [{ _tag: "PersistEntries", entries }]]
}

const commitTo = (state: RaftState, index: LogIndex): Step =>
  index <= state.commitIndex ? nothing(state) : [{ ...state, commitIndex: index }, [{ _tag: "Commit", index }]]

/** Tells where the logs may agree, so that a whole term of conflict costs one exchange (§5.3, end). */
export const reject = (
  state: RaftState,
  to: NodeId,
  { prevLogIndex, prevLogTerm, round }: Pick<AppendEntries, "prevLogIndex" | "prevLogTerm" | "round">
): Action => {
  // Where the log starts, a snapshot covers it: it agrees with every leader's.
  const hintIndex = RaftLog.lastIndexWithTermAtMost(state.log, prevLogIndex, prevLogTerm) ?? state.log.start.index
  const hintTerm = RaftLog.termAt(state.log, hintIndex)!
  return Action.SendAfterSync({
    to,
    message: RaftMessage.cases.AppendRejected.make({ term: state.term, prevLogIndex, hintIndex, hintTerm, round })
  })
}
