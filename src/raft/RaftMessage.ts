/**
 * What one node says to another about the log: the messages of figures 2 and 13 of the Raft paper,
 * with pre-vote (dissertation §9.6), fast back-up (§5.3), read rounds (dissertation §6.4) and
 * leadership transfer (dissertation §3.10).
 *
 * A message names no sender: the connection that brought it does.
 */
import { Schema } from "effect"
import { Entry, LogIndex, Term } from "./Entry.ts"
import { Snapshot } from "./Snapshot.ts"

export const RaftMessage = Schema.TaggedUnion({
  /**
   * Asks for a vote. With `preVote` it asks whether a vote would be given, and `term` is the term that would
   * begin. With `transfer` the leader itself has asked for this election.
   */
  RequestVote: {
    term: Term,
    preVote: Schema.Boolean,
    transfer: Schema.Boolean,
    lastLogIndex: LogIndex,
    lastLogTerm: Term
  },
  /** Answers `RequestVote`. A granted pre-vote repeats the term asked for; any other answer carries the voter's own. */
  Vote: { term: Term, preVote: Schema.Boolean, granted: Schema.Boolean },
  /** Replicates entries, tells the commit index, and keeps followers from campaigning. */
  AppendEntries: {
    term: Term,
    prevLogIndex: LogIndex,
    prevLogTerm: Term,
    entries: Schema.Array(Entry),
    leaderCommit: LogIndex,
    /** Counts the leader's rounds of confirmation; the answer repeats it. */
    round: Schema.Natural
  },
  /** The follower's log, synced, equals the leader's up to `matchIndex`. */
  Appended: { term: Term, matchIndex: LogIndex, round: Schema.Natural },
  /** `prevLogIndex` did not match; the leader should look at `hintIndex`, whose term here is `hintTerm`, or before. */
  AppendRejected: {
    term: Term,
    prevLogIndex: LogIndex,
    hintIndex: LogIndex,
    hintTerm: Term,
    round: Schema.Natural
  },
  /** The leader hands over to the follower, which has the whole log: campaign at once. */
  TimeoutNow: { term: Term },
  /**
   * Takes the place of the entries up to the snapshot's index (figure 13). Its bytes go beside it, in pieces; it is
   * received when all of them are there, verified and ready to be swapped in. The answer is `Appended`.
   */
  InstallSnapshot: { term: Term, snapshot: Snapshot, round: Schema.Natural }
})
export type RaftMessage = typeof RaftMessage.Type
