/**
 * Raft as one pure function: `step(state, event)` gives the next state and the actions it asks for.
 *
 * It reads no clock, draws no random number, logs nothing and does no IO. The same state and the same
 * event give the same step, always. The shell does the actions in the order given.
 */
import type { Action } from "./Action.ts"
import * as Election from "./Election.ts"
import type { Event } from "./Event.ts"
import * as Installation from "./Installation.ts"
import * as Leadership from "./Leadership.ts"
import * as Links from "./Links.ts"
import type { NodeId } from "./Membership.ts"
import type { RaftMessage } from "./RaftMessage.ts"
import { memberOf, type RaftState } from "./RaftState.ts"
import * as ReadIndex from "./ReadIndex.ts"
import * as Replica from "./Replica.ts"
import { nothing, type Step } from "./Step.ts"
import * as Strangers from "./Strangers.ts"
import * as Transfer from "./Transfer.ts"

export const step = (state: RaftState, event: Event): Step => {
  switch (event._tag) {
    case "Received":
      return receive(state, event.from, event.message)
    case "ElectionTimedOut":
      return event.arming === state.arming ? Election.timedOut(state) : nothing(state)
    case "LeaderSilent":
      return event.arming === state.arming ? Election.leaderSilent(state) : nothing(state)
    case "HeartbeatDue":
      return event.term === state.term ? Leadership.heartbeat(state) : nothing(state)
    case "QuorumCheckDue":
      return event.term === state.term ? Leadership.checkQuorum(state) : nothing(state)
    case "Proposed":
      return Leadership.propose(state, event.bytes, event.time)
    case "ClockMoved":
      return Leadership.moveClock(state, event.bytes, event.time)
    case "TransferRequested":
      return Transfer.request(state, event.to)
    case "ChangeRequested":
      return Leadership.changeRequested(state, event.change)
    case "ReadRequested":
      return ReadIndex.request(state, event.read)
    case "Persisted":
      return event.term === state.term ? Leadership.persisted(state, event.index) : nothing(state)
    case "SnapshotTaken":
      return Leadership.snapshotTaken(state, event.snapshot)
    case "SnapshotFailed":
      return Leadership.snapshotFailed(state, event.peer, event.index)
    case "PeerConnected":
      return Links.connected(state, event.peer, {
        storeId: event.storeId,
        hasEntries: event.hasEntries,
        joins: event.joins,
        takesOver: event.takesOver
      })
    case "PeerDisconnected":
      return Links.disconnected(state, event.peer)
  }
}

/** Steps through a batch. What a later event of the batch has made untrue is not sent. */
export const steps = (before: RaftState, events: Iterable<Event>): Step => {
  let state = before
  const actions: Array<Action> = []
  for (const event of events) {
    const [next, more] = step(state, event)
    state = next
    for (const action of more) actions.push(action)
  }
  // What a batch answers is of the term it began in or a later one.
  if (state.term === before.term) return [state, actions]
  return [state, actions.filter((action) => !isOutdatedAcknowledgement(state, action))]
}

// An acknowledgement of an older term may speak of entries that the same batch has replaced since.
const isOutdatedAcknowledgement = (state: RaftState, action: Action): boolean =>
  action._tag === "SendAfterSync" && action.message._tag === "Appended" && action.message.term < state.term

// Whoever is no member moves nothing, as a rule, least of all the term: one such node could stop the whole cluster.
const receive = (state: RaftState, from: NodeId, message: RaftMessage): Step => {
  if (!memberOf(state, from) && !Strangers.isHeard(state, from, message)) return nothing(state)
  switch (message._tag) {
    case "RequestVote":
      return Election.onRequestVote(state, from, message)
    case "Vote":
      return Election.onVote(state, from, message)
    case "AppendEntries":
      return Replica.onAppendEntries(state, from, message)
    case "InstallSnapshot":
      return Installation.onInstallSnapshot(state, from, message)
    case "Appended":
      return Leadership.onAppended(state, from, message)
    case "AppendRejected":
      return Leadership.onAppendRejected(state, from, message)
    case "TimeoutNow":
      return Election.onTimeoutNow(state, message)
  }
}
