/**
 * Who is heard although this node's membership does not name it. The membership may be an old one: a server
 * follows a leader, and votes for a candidate, that is not part of it (dissertation §4.1).
 *
 * It must be linked, so the transport has checked that it is of this cluster. It never counts for anything, and
 * one with a log no newer than this node's, which can be no member of anything newer, does not even move the term.
 */
import type { NodeId } from "./Membership.ts"
import * as RaftLog from "./RaftLog.ts"
import type { RaftMessage } from "./RaftMessage.ts"
import { isLeading, leaderOf, type RaftState } from "./RaftState.ts"

export const isHeard = (state: RaftState, from: NodeId, message: RaftMessage): boolean => {
  if (!state.links.has(from)) return false
  switch (message._tag) {
    case "AppendEntries":
    case "InstallSnapshot":
      return true
    case "RequestVote":
      return RaftLog.isNewer(state.log, message.lastLogTerm, message.lastLogIndex)
    case "TimeoutNow":
      return leaderOf(state) === from
    case "Appended":
    case "AppendRejected":
      // A follower that has been removed and does not know it yet.
      return isLeading(state) && state.role.progress.has(from) && message.term <= state.term
    case "Vote":
      return false
  }
}
