/**
 * The lock state machine: which session holds and waits for what, moved by log entries and by nothing else.
 *
 * The same entries give the same state, replies and tokens on every node and in every replay. It reads no clock: time
 * is the stamp of the latest entry. It does no IO, throws for no command, and hands out copies only.
 */
import { acquire } from "./AcquireRules.ts"
import { type AfterRestore, afterRestore, type RestoreOptions, serveHeldBack } from "./AfterRestore.ts"
import type { Note } from "./Chronicle.ts"
import { Claim } from "./Claim.ts"
import type { FencingToken, LockName } from "./Identifiers.ts"
import type { EndSession, LockCommand, OpenSession, RenewSession } from "./LockCommand.ts"
import type { LockEvent } from "./LockEvent.ts"
import { lease } from "./LockFacts.ts"
import * as LockInsight from "./LockInsight.ts"
import type { LockExplained, LockPastAndPresent } from "./LockInsight.ts"
import * as LockReader from "./LockReader.ts"
import type { Settled } from "./LockReply.ts"
import { LockState } from "./LockState.ts"
import type { LockPage, LockPageOptions, LockView, SessionPage, SessionPageOptions, Totals } from "./LockView.ts"
import { abandon, release } from "./ReleaseRules.ts"
import { Restoring } from "./snapshot/Restoring.ts"
import { Snapshotting } from "./snapshot/Snapshotting.ts"
import * as StateText from "./StateText.ts"

export interface LockTable {
  /**
   * Applies one log entry stamped `time` (whole milliseconds of the replicated clock): first everything whose deadline
   * is before that time ends, in order of deadlines, then what can be granted is, then the commands run in order. What
   * is due at that very millisecond may not have run in full yet, and ends with the next one.
   * A stamp before the latest counts as the latest: time never falls. The note is for history alone.
   *
   * Returns the replies of all requests that settle now, those of earlier entries that waited included. An acquire
   * that queues has no reply until it settles.
   */
  readonly apply: (time: number, commands: ReadonlyArray<LockCommand>, note?: Note) => ReadonlyArray<Settled>
  /** What the latest entry has brought about, in order, once. */
  readonly takeEvents: () => ReadonlyArray<LockEvent>
  /** The stamp of the latest entry. */
  readonly time: number
  readonly hasSessions: boolean
  /** Nothing is granted yet, for it was restored from a backup: time has to go on until something is. */
  readonly holdsBack: boolean
  /** How much there is in all. */
  readonly totals: () => Totals
  /** Whether any entry has come with a note. */
  readonly hasNotes: boolean
  /** The earliest time at which an entry, be it empty, would end something. */
  readonly nextDeadline: () => number | undefined
  /** A name that is idle or was never used is simply free. */
  readonly lock: (name: LockName, now: number) => LockView
  /** Locks that are held, waited for, or in their lock-delay, in order of the UTF-8 bytes of their names. */
  readonly locks: (options: LockPageOptions, now: number) => LockPage
  /** In order of their creation. */
  readonly sessions: (options: SessionPageOptions, now: number) => SessionPage
  /** The lock with its queue, and what can be said of the wait. */
  readonly explain: (name: LockName, now: number) => LockExplained
  /** Who holds the lock and who held it, as far as it is remembered. */
  readonly history: (name: LockName, now: number) => LockPastAndPresent
  /** Whether this is the token of a present holder. */
  readonly check: (name: LockName, token: FencingToken) => boolean
  /** The whole state as text: equal exactly when two tables will answer alike for ever. */
  readonly digest: () => string
  /**
   * Begins a snapshot of the state as it is now, which costs little yet. It is read while entries go on being applied;
   * until it is, a copy of each record that changes is kept as it was. There is one at a time. A block has `blockBytes`
   * and a part of a record.
   */
  readonly snapshot: (blockBytes?: number) => SnapshotReader
  /** What becomes of the state in a new cluster that is made from a backup: see `AfterRestore`. Before any entry. */
  readonly afterRestore: (options: RestoreOptions) => AfterRestore
}

export interface SnapshotReader {
  /**
   * The next piece, or null when there are no more: a millisecond or two of work and at most 256 KiB. It is lent: its
   * bytes are others when the next one is asked for.
   */
  readonly next: () => Uint8Array | null
  /** Lets go of the snapshot, read or not. Nothing happens when that was done before. */
  readonly end: () => void
}

/** A table that is being restored, piece by piece, beside the one in use. */
export interface TableRestoring {
  /** Takes the pieces of a snapshot in order, wherever they were cut. Throws on what it cannot read. */
  readonly add: (piece: Uint8Array) => void
  /** The table as it was. Throws if the snapshot has not come to its end. */
  readonly finish: () => LockTable
}

/** An empty table at time 0. */
export const makeLockTable = (): LockTable => tableOf(new LockState())

export const restoreLockTable = (): TableRestoring => {
  const restoring = new Restoring()
  return { add: (piece) => restoring.add(piece), finish: () => tableOf(restoring.finish()) }
}

const tableOf = (initial: LockState): LockTable => {
  let state = initial
  return {
    apply: (time, commands, note) => {
      // Those of the entry before, if nobody has taken them.
      state.chronicle.takeEvents()
      if (note !== undefined) state.chronicle.heed(note)
      state.time = Math.max(state.time, time)
      endWhatIsDue(state)
      for (const command of commands) {
        perform(state, command)
        state.wake()
      }
      return state.takeSettled()
    },
    takeEvents: () => state.chronicle.takeEvents(),
    get time() {
      return state.time
    },
    get hasSessions() {
      return state.sessions.size > 0
    },
    get holdsBack() {
      return state.time < state.grantsAfter
    },
    totals: () => ({
      sessions: state.sessions.size,
      locks: state.locks.size,
      held: state.held,
      waiting: state.waiting
    }),
    get hasNotes() {
      return state.chronicle.history.max > 0
    },
    nextDeadline: () => state.nextDeadline,
    lock: (name, now) => LockReader.lock(state, name, now),
    locks: (options, now) => LockReader.locks(state, options, now),
    sessions: (options, now) => LockReader.sessions(state, options, now),
    explain: (name, now) => LockInsight.explain(state, name, now),
    history: (name, now) => LockInsight.history(state, name, now),
    check: (name, token) => LockReader.check(state, name, token),
    digest: () => [...StateText.lines(state)].join("\n"),
    snapshot: (blockBytes = blockBytesDefault) => snapshotOf(state, blockBytes),
    afterRestore: (options) => {
      const [renewed, facts] = afterRestore(state, options)
      state = renewed
      return facts
    }
  }
}

/** Done in about a millisecond. */
const blockBytesDefault = 65_536

const snapshotOf = (state: LockState, blockBytes: number): SnapshotReader => {
  if (state.snapshot !== undefined) throw new Error("OneSnapshotAtATime: another snapshot has not ended")
  const { chronicle: { history, wallMillis }, created, grantsAfter, lastToken, time } = state
  const moment = { created, grantsAfter, lastToken, time, wallMillis, historyMax: history.max }
  const snapshot = new Snapshotting(moment, state.records.first, history.contents(), blockBytes)
  state.snapshot = snapshot
  const end = (): void => {
    if (state.snapshot === snapshot) state.snapshot = undefined
  }
  return {
    next: () => {
      const piece = snapshot.next()
      if (piece === null) end()
      return piece
    },
    end
  }
}

// What lasts for n milliseconds is over when a stamp is later by more than n: see `overAt`.
//
// All that is over ends before anyone is granted what it held: nothing is granted to a session or a wait that this
// very stamp ends, and a deadline that an election held up is not the start of a chain of grants in the past.
const endWhatIsDue = (state: LockState): void => {
  for (let due = state.deadlines.first; due !== undefined && due.deadline < state.time; due = state.deadlines.first) {
    if (due instanceof Claim) endClaim(state, due)
    else state.endSession(due, "expired")
  }
  state.wake()
  serveHeldBack(state)
}

const endClaim = (state: LockState, claim: Claim): void => {
  switch (claim.phase) {
    case "waiting":
      state.reply(claim.attempt, { _tag: "WaitTimedOut" })
      return state.leave(claim, "WaitTimedOut")
    case "held":
      return state.expire(claim, "max-hold")
    case "delayed":
      return state.free(claim)
  }
}

const perform = (state: LockState, command: LockCommand): void => {
  switch (command._tag) {
    case "OpenSession":
      return openSession(state, command)
    case "RenewSession":
      return renewSession(state, command)
    case "EndSession":
      return endSession(state, command)
    case "Acquire":
      return acquire(state, command)
    case "Release":
      return release(state, command)
    case "Abandon":
      return abandon(state, command)
    case "Tick":
      // Time has moved already.
      break
  }
}

const openSession = (state: LockState, { label, request, session, ttlMillis }: OpenSession): void => {
  const opened = state.sessions.get(session) ?? state.openSession(session, ttlMillis, label)
  state.reply(request, { _tag: "SessionOpened", ...lease(opened, state.time) })
}

const renewSession = (state: LockState, { request, session }: RenewSession): void => {
  const living = state.sessions.get(session)
  if (living === undefined) return state.reply(request, { _tag: "SessionExpired" })
  state.restartTtl(living)
  state.reply(request, { _tag: "SessionRenewed", ...lease(living, state.time) })
}

// The reply is the same when the session is gone already: what was asked for is so.
const endSession = (state: LockState, { request, session }: EndSession): void => {
  const living = state.sessions.get(session)
  if (living !== undefined) state.endSession(living, "closed")
  state.reply(request, { _tag: "SessionEnded" })
}
