/**
 * Committed entries become state and outcomes; confirmed reads become answers.
 */
import { Queue } from "effect"
import { entryBytes, logIndex, type Term } from "../raft/Entry.ts"
import { Event } from "../raft/Event.ts"
import * as RaftLog from "../raft/RaftLog.ts"
import { leaderOf, type Leading, type RaftState } from "../raft/RaftState.ts"
import type { Happening } from "./EventLog.ts"
import { NodeEvent } from "./NodeEvent.ts"
import type { Shell } from "./Shell.ts"
import * as LeaderClock from "./time/LeaderClock.ts"

/**
 * Applies what is committed, for a bounded time: a node that starts with a long log still hears its
 * peers. What is left is done in the next turn.
 */
export const apply = (shell: Shell, state: RaftState): void => applyTo(shell, state, state.commitIndex)

/**
 * A leader applies and answers what is decided before it writes what has just come: nobody waits for a sync that is for
 * the entries of others. What it has not written itself waits, committed or not, so that its state never has what its
 * log may lose.
 */
export const applyDurable = (shell: Shell, state: Leading): void => {
  const upTo = Math.min(state.commitIndex, state.role.persisted)
  if (shell.lastApplied >= upTo) return
  applyTo(shell, state, upTo)
  shell.requests.toldAll()
}

const applyTo = (shell: Shell, state: RaftState, upTo: number): void => {
  const until = shell.now() + applyMillisMax
  while (shell.lastApplied < upTo) {
    if (shell.now() >= until) {
      Queue.offerUnsafe(shell.inbox, NodeEvent.ApplyDue())
      break
    }
    applyNext(shell, state)
  }
  shell.events.wake()
}

const applyNext = (shell: Shell, state: RaftState): void => {
  const index = logIndex(shell.lastApplied + 1)
  const entry = RaftLog.entryAt(state.log, index)!
  const since = shell.traces?.now()
  const { events, requests, settled } = shell.lockStore.apply(entry)
  if (since !== undefined) shell.traces?.applied(index, since, settled, (request) => shell.requests.get(request))
  shell.snapshots.bytesSince += entryBytes(entry)
  shell.lastApplied = index
  shell.lastAppliedTime = entry.time
  const begins = entry.term !== shell.lastAppliedTerm
  shell.metrics.applied(index, shell.now, settled, events)
  shell.events.add(index, begins ? [ledBy(state, entry.term), ...events] : events)
  if (begins) beginTerm(shell, state, entry.term)
  // At a start with a long log, nobody waits.
  if (shell.requests.size === 0) return
  // What an entry brought and did not settle waits in a queue, and some later entry will settle it.
  for (const request of requests) shell.requests.queued(request)
  for (const { reply, request } of settled) shell.requests.settle(request, reply)
}

/** Who leads a term is not in the log: a node that only reads of it later does not know. */
const ledBy = (state: RaftState, term: Term): Happening => ({
  kind: "leader",
  term,
  leaderId: state.term === term ? leaderOf(state) : null
})

/** What earlier leaders had is decided now. A leader says so at once: its peers have requests that wait for it. */
const beginTerm = (shell: Shell, { role, term }: RaftState, applied: Term): void => {
  shell.lastAppliedTerm = applied
  Queue.offerUnsafe(shell.inbox, NodeEvent.SweepDue())
  if (role._tag !== "Leader" || applied !== term) return
  Queue.offerUnsafe(shell.inbox, NodeEvent.Timed({ event: Event.HeartbeatDue({ term }) }))
}

/** Answers the reads whose index has been applied. Returns those that must see a tick first. */
export const answerReads = (shell: Shell): ReadonlyArray<string> => {
  const ready = shell.confirmed.filter(({ index }) => index <= shell.lastApplied)
  if (ready.length === 0) return []
  shell.confirmed = shell.confirmed.filter(({ index }) => index > shell.lastApplied)
  const now = LeaderClock.stamp(shell.clock)
  // A read decides no expiry: if one is due, an entry decides it, and then the read is answered, as of that
  // entry. What has come due since then is for later readers, or none would be answered while much expires.
  const isDue = (shell.lockStore.nextDeadline() ?? Infinity) <= now
  for (const { isDecided, requests } of ready) {
    if (isDecided || !isDue) answer(shell, requests, isDue ? shell.lastAppliedTime : now)
  }
  return isDue ? ready.flatMap(({ isDecided, requests }) => isDecided ? [] : requests) : []
}

const answer = (shell: Shell, requests: ReadonlyArray<string>, now: number): void => {
  for (const request of requests) {
    const ask = shell.requests.get(request)?.ask
    if (!ask || !("query" in ask)) continue
    const found = shell.lockStore.answer(ask.query, now)
    if (found._tag === "Check" && !found.valid) shell.metrics.fencingRejections++
    shell.requests.settle(request, found)
  }
}

const applyMillisMax = 10
