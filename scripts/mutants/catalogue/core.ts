/**
 * Bugs that others really had, or that are one slip away, planted into the core one at a time. The
 * simulation must find each of them.
 */
import type { Mutant } from "../Mutant.ts"

export const coreMutants: ReadonlyArray<Mutant> = [
  {
    name: "a vote is not persisted",
    file: "raft/Election.ts",
    from: "[next, [Action.PersistHardState({ hardState: hardStateOf(next) })]],",
    to: "[next, []],"
  },
  {
    name: "a vote is given twice in a term",
    file: "raft/Election.ts",
    from: "(state.votedFor === null || state.votedFor === from) &&",
    to: ""
  },
  {
    name: "the vote is cleared by an append of the same term",
    file: "raft/Replica.ts",
    from: "arm({ ...s, role: followerOf(from) }",
    to: "arm({ ...s, votedFor: null, role: followerOf(from) }"
  },
  {
    name: "the term is not persisted when it rises",
    file: "raft/TermRule.ts",
    from: "[next, [Action.PersistHardState({ hardState: hardStateOf(next) })]]",
    to: "[next, []]"
  },
  {
    name: "a vote leaves before the sync",
    file: "raft/Election.ts",
    from: "const vote = Action.SendAfterSync({",
    to: "const vote = Action.Send({"
  },
  {
    name: "a request for votes leaves before the sync",
    file: "raft/Election.ts",
    from: "preVote ? Action.Send({ to, message }) : Action.SendAfterSync({ to, message })",
    to: "Action.Send({ to, message })"
  },
  {
    name: "an acknowledgement leaves before the sync",
    file: "raft/Replica.ts",
    from: "const acknowledge: Action = {\n    _tag: \"SendAfterSync\"",
    to: "const acknowledge: Action = {\n    _tag: \"Send\""
  },
  {
    name: "a leader counts itself before its own sync",
    file: "raft/Leadership.ts",
    from: "id === state.self ? role.persisted :",
    to: "id === state.self ? state.log.lastIndex :"
  },
  {
    name: "a sole voter speaks before its term is on disk",
    file: "raft/Replication.ts",
    from: "state.role.persisted < state.role.opening && quorumOf(state) === 1",
    to: "quorumOf(state) === 0"
  },
  {
    name: "a majority is half of the voters",
    file: "raft/RaftState.ts",
    from: "member.voter).length / 2) + 1",
    to: "member.voter).length / 2)"
  },
  {
    name: "logs are compared by length only",
    file: "raft/RaftLog.ts",
    from: "candidateTerm > mine || (candidateTerm === mine && candidateIndex >= log.lastIndex)",
    to: "candidateIndex >= log.lastIndex"
  },
  {
    name: "logs are compared by last term only",
    file: "raft/RaftLog.ts",
    from: "candidateTerm > mine || (candidateTerm === mine && candidateIndex >= log.lastIndex)",
    to: "candidateTerm >= mine"
  },
  {
    name: "what matches is truncated too",
    file: "raft/Replica.ts",
    from: "message.entries.slice(RaftLog.firstNew(state.log, message.entries))",
    to: "message.entries"
  },
  {
    name: "entries are appended behind what does not match",
    file: "raft/Replica.ts",
    from: "RaftLog.matches(s.log, message.prevLogIndex, message.prevLogTerm)",
    to: "message.prevLogIndex <= s.log.lastIndex"
  },
  {
    name: "a follower acknowledges all it has",
    file: "raft/Replica.ts",
    from: "const matchIndex = logIndex(message.prevLogIndex + message.entries.length)",
    to: "const matchIndex = logIndex(Math.max(state.log.lastIndex, message.prevLogIndex + message.entries.length))"
  },
  {
    name: "a follower commits further than was verified",
    file: "raft/Replica.ts",
    from: "logIndex(Math.min(message.leaderCommit, matchIndex))",
    to: "logIndex(Math.min(message.leaderCommit, stored.log.lastIndex))"
  },
  {
    name: "appends of an older term are accepted",
    file: "raft/Replica.ts",
    from: "if (message.term < state.term) return",
    to: "if (message.term + 1 < state.term) return"
  },
  {
    name: "pre-votes count as votes",
    file: "raft/Election.ts",
    from: "message.preVote === (role._tag === \"PreCandidate\") && message.term === asked",
    to: "message.term === asked"
  },
  {
    name: "a read is confirmed without a round",
    file: "raft/ReadIndex.ts",
    from: "role.reads.filter((read) => read.round <= round)",
    to: "role.reads.filter((read) => read.round > 0 || round < 0)"
  },
  {
    name: "a read joins the round that is under way",
    file: "raft/ReadIndex.ts",
    from: "const round = role.round + 1",
    to: "const round = Math.max(role.round, 1)"
  },
  {
    name: "a read does not wait for the opening entry",
    file: "raft/ReadIndex.ts",
    from: "Math.max(state.commitIndex, role.opening)",
    to: "state.commitIndex"
  },
  {
    name: "a vote counts from a store that is not the recorded one",
    file: "raft/Quorum.ts",
    from: "member.storeId !== null && member.storeId === storeId",
    to: "true || storeId === null"
  },
  {
    name: "another disk inherits what the old one acknowledged",
    file: "raft/Links.ts",
    from: "one.storeId === link.storeId",
    to: "one.storeId !== null"
  },
  {
    name: "a probe that is lost is never repeated",
    file: "raft/Replication.ts",
    from: "return one && state.links.has(to) ? [send(",
    to: "return one && state.links.has(to) && !one.probing ? [send("
  },
  {
    name: "a pre-vote raises the candidate's term",
    file: "raft/Election.ts",
    from:
      "    [{ ...state, role: { _tag: \"PreCandidate\", votes: ownVote(state) } }, requestVotes(state, \"pre-vote\")],",
    to: "    [{ ...state, term: Term.make(state.term + 1), votedFor: null, role: { _tag: \"PreCandidate\", " +
      "votes: ownVote(state) } }, requestVotes(state, \"pre-vote\")],"
  },
  {
    name: "a learner's acknowledgement counts",
    file: "raft/Quorum.ts",
    from: "member.voter && member.storeId !== null",
    to: "member.storeId !== null"
  },
  {
    name: "the deposed leader keeps its role when the term rises",
    file: "raft/TermRule.ts",
    from: "const next: RaftState = { ...state, term, votedFor: null, role: followerOf(null) }",
    to: "const next: RaftState = { ...state, term, votedFor: null, " +
      "role: state.role._tag === \"Leader\" ? state.role : followerOf(null) }"
  },
  {
    name: "a snapshot is installed over what is committed already",
    file: "raft/Installation.ts",
    from: "if (snapshot.index <= state.commitIndex) return nothing(state)",
    to: ""
  },
  {
    name: "the log is kept behind a snapshot though it has another entry there",
    file: "raft/Installation.ts",
    from: "RaftLog.termAt(state.log, snapshot.index) === snapshot.term",
    to: "RaftLog.termAt(state.log, snapshot.index) !== undefined"
  },
  {
    name: "a snapshot is acknowledged before it is durable",
    file: "raft/Installation.ts",
    from: "const acknowledge = Action.SendAfterSync({",
    to: "const acknowledge = Action.Send({"
  },
  {
    name: "the membership of a snapshot is not taken over",
    file: "raft/Installation.ts",
    from: "configs: [...past, { index: configIndex, membership }]",
    to: "configs: past.length > 0 ? past : [{ index: configIndex, membership }]"
  },
  {
    name: "the log is compacted behind the snapshot",
    file: "raft/Compaction.ts",
    from: "compactableTo(adopted, snapshot.index)",
    to: "compactableTo(adopted, state.commitIndex)"
  },
  {
    name: "the membership of the snapshot goes with the entry that brought it",
    file: "raft/Compaction.ts",
    from: "Math.max(0, first - pastConfigsMax)",
    to: "first + 1"
  },
  {
    name: "an older snapshot takes the place of a newer one",
    file: "raft/Compaction.ts",
    from: "if (snapshot.index <= (state.snapshot?.index ?? 0)) return nothing(state)",
    to: ""
  },
  {
    name: "a compacted log forgets the term that it starts behind",
    file: "raft/RaftLog.ts",
    from: "return { buffer, start: { index, term, time }",
    to: "return { buffer, start: { ...log.start, index, time }"
  },
  {
    name: "a compacted log forgets the time that it starts behind",
    file: "raft/RaftLog.ts",
    from: "return { buffer, start: { index, term, time }",
    to: "return { buffer, start: { ...log.start, index, term }"
  },
  {
    name: "a snapshot is sent one entry too late",
    file: "raft/SnapshotTransfer.ts",
    from: "one.nextIndex <= log.start.index",
    to: "one.nextIndex < log.start.index"
  },
  {
    name: "a snapshot that got lost is never sent again",
    file: "raft/Leadership.ts",
    from: "isLeading(state) ? SnapshotTransfer.failed(state, peer, index) : nothing(state)",
    to: "isLeading(state) && index < 0 ? SnapshotTransfer.failed(state, peer, index) : nothing(state)"
  },
  {
    name: "a leader that has compacted where the logs agree asks on",
    file: "raft/Leadership.ts",
    from: "agreed === undefined ? state.log.start.index :",
    to: "agreed === undefined ? logIndex(state.log.start.index + 1) :"
  }
]
