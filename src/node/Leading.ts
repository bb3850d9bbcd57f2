/**
 * What a turn does for a leader: packs commands into entries, starts reads, and moves the replicated
 * clock when nothing else does.
 */
import type { Note } from "../lock/Chronicle.ts"
import type { LockCommand } from "../lock/LockCommand.ts"
import * as RaftCore from "../raft/RaftCore.ts"
import * as RaftLog from "../raft/RaftLog.ts"
import { isLeading, membersOf, type RaftState } from "../raft/RaftState.ts"
import { andThen, nothing, type Step } from "../raft/Step.ts"
import type { Pending } from "./requests/Requests.ts"
import type { Shell } from "./Shell.ts"
import * as LeaderClock from "./time/LeaderClock.ts"

/** A leadership that begins starts the clock from its log; one that ends leaves its reads to the next leader. */
export const changed = (shell: Shell, before: RaftState, after: RaftState): void => {
  if (before.term === after.term && isLeading(before) === isLeading(after)) return
  if (isLeading(after)) shell.clock = LeaderClock.start(RaftLog.lastTime(after.log), shell.now())
  if (!isLeading(before)) return
  shell.unconfirmed.clear()
  shell.confirmed = []
  const foreign = shell.requests.dropForeign()
  shell.traces?.deposed(foreign)
  shell.copies.forget()
}

/** Commands become entries, queries one read, and a due tick an empty entry if there is no other. */
export const serve = (shell: Shell, stepped: Step, own: ReadonlyArray<Pending>, isTickDue: boolean): Step => {
  if (!isLeading(stepped[0]) || (own.length === 0 && !isTickDue)) return stepped
  const commands = own.flatMap(({ ask }) => "command" in ask ? [ask.command] : [])
  const reads = own.flatMap(({ ask, request }) => "query" in ask ? [request] : [])
  let step = stepped
  for (let at = 0; at < commands.length; at += commandsPerEntryMax) {
    step = andThen(step, (s) => propose(shell, s, commands.slice(at, at + commandsPerEntryMax)))
  }
  if (commands.length === 0 && isTickDue && isIdle(shell)) step = andThen(step, (s) => propose(shell, s, []))
  return reads.length > 0 ? andThen(step, (s) => read(shell, s, reads)) : step
}

/** An expiry is due and these reads must not decide it: an entry does, and they are answered after it. */
export const decideFirst = (shell: Shell, state: RaftState, requests: ReadonlyArray<string>): Step => {
  if (!isLeading(state)) return nothing(state)
  const isStamped = RaftLog.lastTime(state.log) >= LeaderClock.stamp(shell.clock)
  const step = isStamped ? nothing(state) : propose(shell, state, [])
  shell.confirmed.push({ index: step[0].log.lastIndex, requests, isDecided: true })
  return step
}

/**
 * What comes before a handover. The target has to write it first: told to take over, one whose disk is in trouble would
 * do so whenever it is well again. And the next tick is not due while the handover goes on: whoever has an entry less
 * than another voter is not elected.
 */
export const moveClock = (shell: Shell, step: Step): Step => andThen(step, (state) => propose(shell, state, []))

const isTicking = ({ lockStore }: Shell, state: RaftState): boolean =>
  isLeading(state) && (lockStore.nextDeadline() !== undefined || lockStore.hasSessions() || lockStore.holdsBack())

/** Sets the tick timer: to the next deadline, and at the latest one tick after the last entry. */
export const armTick = (shell: Shell, state: RaftState): void => {
  if (!isTicking(shell, state)) return shell.armTick(null)
  const deadline = shell.lockStore.nextDeadline()
  const due = deadline === undefined || isDecided(shell, state)
    ? Infinity
    : shell.now() + LeaderClock.millisUntil(shell.clock, deadline)
  shell.armTick(Math.min(idleAt(shell), due))
}

const propose = (shell: Shell, state: RaftState, commands: ReadonlyArray<LockCommand>): Step => {
  const bytes = shell.lockStore.encode(commands, noteOf(shell, state))
  if (bytes.length > entryBytesMax && commands.length > 1) {
    const half = Math.ceil(commands.length / 2)
    const first = propose(shell, state, commands.slice(0, half))
    return andThen(first, (s) => propose(shell, s, commands.slice(half)))
  }
  shell.movedAtMillis = shell.now()
  const entry = { bytes, time: LeaderClock.stamp(shell.clock) }
  const step = RaftCore.step(state, { _tag: commands.length === 0 ? "ClockMoved" : "Proposed", ...entry })
  const { lastIndex } = step[0].log
  shell.metrics.proposed(lastIndex, shell.movedAtMillis)
  shell.traces?.proposed(lastIndex, state.term, commands, (request) => shell.requests.get(request))
  return step
}

/**
 * What is told beside the commands, once every member reads it: a release without notes stops at an entry that has one.
 * From the first such entry on there is no way back, and so no more to ask.
 */
const noteOf = (shell: Shell, state: RaftState): Note | undefined => {
  const isRead = shell.lockStore.hasNotes() ||
    membersOf(state).every(({ nodeId }) => nodeId === state.self || (shell.versions.get(nodeId) ?? 0) >= noteVersion)
  return isRead ? { wallMillis: shell.wallNow(), historyMax: shell.config.historyKept } : undefined
}

/** Whoever speaks this version of the protocol reads entries with notes. */
const noteVersion = 2

const read = (shell: Shell, state: RaftState, requests: ReadonlyArray<string>): Step => {
  shell.readCount += 1
  shell.unconfirmed.set(shell.readCount, requests)
  return RaftCore.step(state, { _tag: "ReadRequested", read: shell.readCount })
}

/** An entry that is on its way already has a stamp that ends whatever is due next. */
const isDecided = (shell: Shell, state: RaftState): boolean =>
  RaftLog.lastTime(state.log) >= (shell.lockStore.nextDeadline() ?? Infinity)

/** When nothing has moved the clock for a tick. */
const idleAt = ({ config, movedAtMillis }: Shell): number => movedAtMillis + config.timings.clockTickMillis

/** That has come, by the very number that the alarm was set to, or a deadline is due. */
const isIdle = (shell: Shell): boolean =>
  shell.now() >= idleAt(shell) ||
  (shell.lockStore.nextDeadline() ?? Infinity) <= LeaderClock.stamp(shell.clock)

/** An entry goes to a follower as a whole: both keep the longest one well below the longest frame. */
const commandsPerEntryMax = 1024
const entryBytesMax = 4 * 1024 * 1024
