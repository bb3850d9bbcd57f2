/**
 * What a leader sends to each follower, and when: entries, heartbeats, within each one's bounds (§5.3).
 */
import type { Action } from "./Action.ts"
import { type Entry, entryBytes, logIndex } from "./Entry.ts"
import type { NodeId } from "./Membership.ts"
import * as Progress from "./Progress.ts"
import * as RaftLog from "./RaftLog.ts"
import type { RaftMessage } from "./RaftMessage.ts"
import { type Leading, memberOf, quorumOf } from "./RaftState.ts"
import * as SnapshotTransfer from "./SnapshotTransfer.ts"
import type { Step } from "./Step.ts"

/** Sends every follower what it lacks, as far as its bounds allow. */
export const replicate = (state: Leading): Step => replicateTo(state, [...state.role.progress.keys()])

/** The same for some. A follower that is not connected is sent nothing: nothing would arrive. */
export const replicateTo = (state: Leading, peers: ReadonlyArray<NodeId>): Step => {
  // A copy as soon as something changes: most answers bring nothing to send.
  let changed: Map<NodeId, Progress.Progress> | undefined
  const actions: Array<Action> = []
  for (const to of peers) {
    const known = state.role.progress.get(to)
    if (!known || !state.links.has(to)) continue
    let one = known
    const isNeeded = SnapshotTransfer.isNeeded(state, one)
    // A whole snapshot only to hear that one is gone? Who has been removed and is that far behind is let go, and when
    // its removal is committed everyone it dials tells it.
    if (isNeeded && !memberOf(state, to)) {
      changed ??= new Map(state.role.progress)
      changed.delete(to)
      continue
    }
    if (isNeeded) {
      const [waiting, action] = SnapshotTransfer.begin(state, to, one)
      actions.push(action)
      one = waiting
    }
    while (hasRoom(state, one)) {
      const entries = RaftLog.sliceBytes(state.log, one.nextIndex, state.settings.entriesBytesMax)
      actions.push(send(state, to, appendEntries(state, one, entries)))
      one = Progress.sent(one, entries.at(-1)!.index, bytesOf(entries))
    }
    if (one === known) continue
    changed ??= new Map(state.role.progress)
    changed.set(to, one)
  }
  return [changed ? { ...state, role: { ...state.role, progress: changed } } : state, actions]
}

const hasRoom = (state: Leading, one: Progress.Progress): boolean => {
  if (one.mode === "Snapshot" || one.nextIndex > state.log.lastIndex) return false
  if (one.mode === "Probe") return !one.probing
  return one.inflight.length < state.settings.inflightMax && one.inflightBytes < state.settings.inflightBytesMax
}

/**
 * An AppendEntries without entries for everyone, right behind whatever was sent before. It keeps
 * followers from campaigning, and where something was lost its rejection shows it.
 */
export const beat = (state: Leading): Step => beatTo(state, [...state.role.progress.keys()])

/** The same for some. */
export const beatTo = (state: Leading, peers: ReadonlyArray<NodeId>): Step => [
  state,
  peers.flatMap((to) => {
    const one = state.role.progress.get(to)
    return one && state.links.has(to) ? [send(state, to, appendEntries(state, one, []))] : []
  })
]

/**
 * Entries need not wait for the leader's own disk (dissertation §10.2.1), but its term and vote must be
 * there. As a rule they are, since votes were asked for after that. Only a sole voter elects itself in
 * the very step that begins the term; after a crash it could lead the same term again.
 */
const send = (state: Leading, to: NodeId, message: RaftMessage): Action =>
  state.role.persisted < state.role.opening && quorumOf(state) === 1
    ? { _tag: "SendAfterSync", to, message }
    : { _tag: "Send", to, message }

const appendEntries = (state: Leading, one: Progress.Progress, entries: ReadonlyArray<Entry>): RaftMessage => {
  const prevLogIndex = logIndex(one.nextIndex - 1)
  // As a plain value: `make` would check every entry again for every follower, at 0.3 µs each.
  return {
    _tag: "AppendEntries",
    term: state.term,
    prevLogIndex,
    prevLogTerm: SnapshotTransfer.prevTerm(state, one),
    entries,
    leaderCommit: state.commitIndex,
    round: state.role.round
  }
}

const bytesOf = (entries: ReadonlyArray<Entry>): number =>
  entries.reduce((bytes, entry) => bytes + entryBytes(entry), 0)
