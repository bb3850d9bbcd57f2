/**
 * The leader: opening its term, taking proposals, hearing answers, committing, and giving way when it
 * hears no majority (§5.3, §5.4.2, §8; dissertation §6.2).
 */
import * as ChangeRule from "./ChangeRule.ts"
import * as Changes from "./Changes.ts"
import * as Compaction from "./Compaction.ts"
import { type Entry, entryBytes, type LogIndex, logIndex, type Payload } from "./Entry.ts"
import * as Followers from "./Followers.ts"
import * as Joiners from "./Joiners.ts"
import type { Membership, NodeId } from "./Membership.ts"
import * as Progress from "./Progress.ts"
import * as Promotion from "./Promotion.ts"
import { majorityOf } from "./Quorum.ts"
import * as RaftLog from "./RaftLog.ts"
import type { RaftMessage } from "./RaftMessage.ts"
import { appendEntries, isLeading, type Leading, memberOf, type RaftState, type Votes } from "./RaftState.ts"
import * as ReadIndex from "./ReadIndex.ts"
import * as Replication from "./Replication.ts"
import type { Snapshot } from "./Snapshot.ts"
import * as SnapshotTransfer from "./SnapshotTransfer.ts"
import { andThen, nothing, type Step } from "./Step.ts"
import * as StoreRecords from "./StoreRecords.ts"
import { adoptTerm, stepDown } from "./TermRule.ts"
import * as Transfer from "./Transfer.ts"

type Appended = Extract<RaftMessage, { _tag: "Appended" }>
type AppendRejected = Extract<RaftMessage, { _tag: "AppendRejected" }>

/** An election has been won by these votes: open the term with an entry of its own (§8). */
export const begin = (state: RaftState, votes: Votes): Step => {
  const leading: Leading = {
    ...state,
    role: {
      _tag: "Leader",
      progress: Followers.of(state, state.log.lastIndex),
      opening: logIndex(state.log.lastIndex + 1),
      persisted: logIndex(0),
      round: 0,
      reads: [],
      transfer: null,
      lastChecked: null,
      uncommittedBytes: 0
    }
  }
  return append(leading, openingPayload(state, votes), RaftLog.lastTime(state.log))
}

/**
 * The very first entry founds the cluster: its id, and the stores of those who elected its leader. Whoever
 * else is linked is recorded with them, so that the loss of one voter of this election blocks nothing.
 */
const openingPayload = (state: RaftState, votes: Votes): Payload => {
  if (state.log.lastIndex > 0) return { _tag: "Noop" }
  const storeOf = (id: NodeId) => votes.get(id) ?? state.links.get(id)?.storeId ?? null
  const members = state.initialMembers.map((member) => ({ ...member, storeId: storeOf(member.nodeId) }))
  return { _tag: "Config", membership: { clusterId: state.clusterIdToMint, members } }
}

/** A batch of commands becomes one entry. Who does not lead, or hands over, takes none; the shell keeps them back. */
export const propose = (state: RaftState, bytes: Uint8Array<ArrayBuffer>, time: number): Step =>
  isLeading(state) && !Transfer.isRunning(state) ? append(state, { _tag: "Command", bytes }, time) : nothing(state)

/**
 * Time goes on also while a leader hands over: a target that does not take over must cost no lease more than the time
 * between two entries of an idle leader.
 */
export const moveClock = (state: RaftState, bytes: Uint8Array<ArrayBuffer>, time: number): Step =>
  isLeading(state) ? append(state, { _tag: "Command", bytes }, time) : nothing(state)

/** Whether the leader may take more: what it has taken and cannot commit stays bounded. */
export const hasRoom = (state: RaftState): boolean =>
  !isLeading(state) || state.role.uncommittedBytes <= state.settings.uncommittedBytesMax

// The entry goes to the followers while it goes to the leader's own disk (dissertation §10.2.1).
const append = (state: Leading, payload: Payload, time: number): Step => {
  const entry: Entry = {
    index: logIndex(state.log.lastIndex + 1),
    term: state.term,
    time: Math.max(time, RaftLog.lastTime(state.log)),
    payload
  }
  const uncommittedBytes = state.role.uncommittedBytes + entryBytes(entry)
  const longer = appendEntries(state, [entry])
  // Whoever the entry makes a member is sent it too.
  const progress = payload._tag === "Config"
    ? Followers.of(longer, state.log.lastIndex, state.role.progress)
    : state.role.progress
  const leading: Leading = { ...longer, role: { ...state.role, progress, uncommittedBytes } }
  return andThen([leading, [{ _tag: "PersistEntries", entries: [entry] }]], (s) => replicate(s))
}

const replicate = (state: RaftState): Step => isLeading(state) ? Replication.replicate(state) : nothing(state)

export const heartbeat = (state: RaftState): Step => isLeading(state) ? Replication.beat(state) : nothing(state)

/** The leader's own log is on its disk up to `index`: only now does it count itself. */
export const persisted = (state: RaftState, index: LogIndex): Step => {
  if (!isLeading(state)) return nothing(state)
  const persisted = logIndex(Math.max(state.role.persisted, index))
  return advanceCommit({ ...state, role: { ...state.role, persisted } })
}

export const onAppended = (state: RaftState, from: NodeId, message: Appended): Step =>
  hear(state, from, message, (one) => Progress.acknowledged(one, message.matchIndex))

export const onAppendRejected = (state: RaftState, from: NodeId, message: AppendRejected): Step =>
  hear(state, from, message, (one) => {
    if (!Progress.isCurrentRejection(one, message.prevLogIndex)) return one
    const agreed = RaftLog.lastIndexWithTermAtMost(state.log, message.hintIndex, message.hintTerm)
    // Where they agree has been compacted away, and so has at least the entry where this log starts.
    return Progress.probeFrom(one, agreed === undefined ? state.log.start.index : logIndex(agreed + 1))
  })

/** This node has a snapshot. Who needed what it forgets for that gets the snapshot. */
export const snapshotTaken = (state: RaftState, snapshot: Snapshot): Step =>
  andThen(Compaction.adopt(state, snapshot), replicate)

export const snapshotFailed = (state: RaftState, peer: NodeId, index: LogIndex): Step =>
  isLeading(state) ? SnapshotTransfer.failed(state, peer, index) : nothing(state)

/**
 * An answer of this term: it counts for the quorum check and the round, changes the follower's
 * progress, and may let the leader send, confirm and commit more. Answers of older terms change nothing.
 */
const hear = (
  state: RaftState,
  from: NodeId,
  { round, term }: { readonly term: Appended["term"]; readonly round: number },
  change: (one: Progress.Progress) => Progress.Progress
): Step => {
  if (term > state.term) return adoptTerm(state, term)
  const one = isLeading(state) && term === state.term ? state.role.progress.get(from) : undefined
  if (!isLeading(state) || !one) return nothing(state)
  const progress = new Map(state.role.progress).set(from, Progress.spoke(change(one), round))
  const heard: Leading = { ...state, role: { ...state.role, progress } }
  return andThen(
    andThen(andThen(Replication.replicateTo(heard, [from]), advanceCommit), ReadIndex.confirm),
    (s) => answered(s, from)
  )
}

/** What else an answer may bring: the target of a transfer is ready, or a removed follower may go. */
const answered = (state: RaftState, from: NodeId): Step =>
  isLeading(state) ? andThen(Followers.dismiss(state, from), Transfer.handOver) : nothing(state)

/** Commits what a majority holds, if it is of this very term (§5.4.2, figure 8). */
const advanceCommit = (state: RaftState): Step => {
  // With nothing to commit there is nothing to count, as after most heartbeats.
  if (!isLeading(state) || state.commitIndex === state.log.lastIndex) return nothing(state)
  const { role } = state
  const index = logIndex(
    majorityOf(state, (id) => id === state.self ? role.persisted : role.progress.get(id)?.matchIndex ?? 0)
  )
  if (index <= state.commitIndex || RaftLog.termAt(state.log, index) !== state.term) return nothing(state)
  const uncommittedBytes = role.uncommittedBytes - bytesBetween(state, state.commitIndex, index)
  const committed: Leading = { ...state, commitIndex: index, role: { ...role, uncommittedBytes } }
  return andThen([committed, [{ _tag: "Commit", index }]], changeMembers)
}

/** Of the entries of this term after `from` up to `to`. */
const bytesBetween = ({ log, role }: Leading, from: LogIndex, to: LogIndex): number =>
  RaftLog.slice(log, logIndex(Math.max(from + 1, role.opening)), to)
    .reduce((bytes, entry) => bytes + entryBytes(entry), 0)

/** Makes the change of the membership that is due by itself, if the one before it is done. */
export const changeMembers = (state: RaftState): Step => {
  if (!isLeading(state)) return nothing(state)
  if (hasLeft(state)) return resign(state)
  return ChangeRule.isOpen(state) ? appendMembers(state, StoreRecords.due(state) ?? Joiners.due(state)) : nothing(state)
}

/** Makes the change that is asked for. What is refused changes nothing. */
export const changeRequested = (state: RaftState, change: Changes.Change): Step =>
  isLeading(state) && Changes.refusal(state, change) === null
    ? appendMembers(state, Changes.changed(state, change))
    : nothing(state)

const appendMembers = (state: Leading, membership: Membership | null): Step =>
  membership === null
    ? nothing(state)
    : append(state, { _tag: "Config", membership }, RaftLog.lastTime(state.log))

const hasLeft = (state: Leading): boolean =>
  memberOf(state, state.self) === undefined && (state.configs.at(-1)?.index ?? Infinity) <= state.commitIndex

/**
 * A leader that removes itself leads until that is committed, without counting itself, and then gives way
 * (dissertation §4.2.2): to one that is told to campaign at once.
 */
const resign = (state: Leading): Step => andThen(andThen(Replication.beat(state), Transfer.appoint), stepDown)

/** A leader that no majority has answered for an election timeout leads nobody (dissertation §6.2). */
export const checkQuorum = (state: RaftState): Step => {
  if (!isLeading(state)) return nothing(state)
  const { role } = state
  const isHeard = majorityOf(state, (id) => id === state.self || role.progress.get(id)?.active ? 1 : 0) === 1
  if (!isHeard) return stepDown(state)
  const progress = new Map([...role.progress].map(([id, one]) => [id, { ...one, active: false }]))
  const checked = Transfer.checked({ ...state, role: { ...role, progress, lastChecked: state.log.lastIndex } })
  return promote(state, checked)
}

/** A learner that has caught up since the check before this one becomes a voter (dissertation §4.2.1). */
const promote = (before: Leading, state: Leading): Step => {
  const membership = ChangeRule.isOpen(state) ? Promotion.due(before) : null
  return membership ? appendMembers(state, membership) : changeMembers(state)
}
