/**
 * A role is a scoped effect of one term: it owns its timers, heartbeats and replicators as fibers,
 * takes turns, and ends by returning the state in which the next role starts.
 *
 * Closing the scope is the whole of the clean-up: nothing of an old role can act in a new one.
 */
import { Effect, Queue } from "effect"
import { Event } from "../raft/Event.ts"
import { leaderOf, type RaftState } from "../raft/RaftState.ts"
import { NodeEvent } from "./NodeEvent.ts"
import * as Replicators from "./peers/Replicators.ts"
import { forkBeside, type Shell } from "./Shell.ts"
import * as Alarm from "./time/Alarm.ts"
import { turn } from "./Turn.ts"

/** Runs a node, one role after another, until its store fails. Interrupt it to stop the node. */
export const run = Effect.fnUntraced(function*(shell: Shell) {
  let state = shell.state
  while (true) state = yield* runRole(shell, state)
})

// Untraced: a span is exported when it ends, and a leader may lead for months.
const runRole = Effect.fnUntraced(
  function*(shell: Shell, initial: RaftState) {
    yield* announce(initial)
    yield* (initial.role._tag === "Leader" ? lead(shell, initial) : watchForLeader(shell))
    let state = initial
    while (state.role._tag === initial.role._tag && state.term === initial.term) {
      const next = yield* turn(shell, state, yield* Queue.takeAll(shell.inbox))
      yield* noteLeader(shell, state, next)
      yield* shell.followMembers(next)
      state = next
    }
    return state
  },
  Effect.scoped,
  (effect, _, { term }) => Effect.annotateLogs(effect, { term })
)

/** One line for each role. A follower of somebody has been told already, by `noteLeader`. */
const announce = (state: RaftState): Effect.Effect<void> =>
  state.role._tag === "Follower" && state.role.leader !== null
    ? Effect.void
    : Effect.logInfo(announcements[state.role._tag])

const announcements = {
  Follower: "Follows nobody yet",
  PreCandidate: "Asks whether it could win an election",
  Candidate: "Asks for votes",
  Leader: "Leads"
} as const

/** Who leads, and since when nobody does: callers wait a bounded time for a leader. */
const noteLeader = (shell: Shell, before: RaftState, after: RaftState): Effect.Effect<void> => {
  const leader = leaderOf(after)
  if (leader !== null) shell.leaderlessSince = null
  else shell.leaderlessSince ??= shell.now()
  const isNews = leader !== leaderOf(before) || before.term !== after.term
  return leader !== null && leader !== after.self && isNews
    ? Effect.annotateLogs(Effect.logInfo(`Follows ${leader}`), { term: after.term })
    : Effect.void
}

/** Everyone but the leader watches its election timer, in two stages: the leader is silent; it is time to ask. */
const watchForLeader = Effect.fnUntraced(function*(shell: Shell) {
  const silent = yield* Alarm.make(timed(shell, () => Event.LeaderSilent({ arming: shell.election.arming })))
  const timeout = yield* Alarm.make(timed(shell, () => Event.ElectionTimedOut({ arming: shell.election.arming })))
  const set = () => {
    silent.set(shell.election.silentAtMillis)
    timeout.set(shell.election.timeoutAtMillis)
  }
  set()
  yield* opens(shell, { electionMoved: set })
})

const lead = Effect.fnUntraced(function*(shell: Shell, state: RaftState) {
  const { term } = state
  const { electionMillisMin, heartbeatMillis } = shell.config.timings
  yield* every(shell, heartbeatMillis, timed(shell, () => Event.HeartbeatDue({ term })))
  yield* every(shell, electionMillisMin, timed(shell, () => Event.QuorumCheckDue({ term })))
  const tick = yield* Alarm.make(Queue.offer(shell.inbox, NodeEvent.TickDue({ term })))
  const replicators = yield* Replicators.make(shell)
  yield* replicators.follow(state)
  yield* opens(shell, { armTick: tick.set, replicators, followMembers: replicators.follow })
})

const timed = (shell: Shell, event: () => Event): Effect.Effect<unknown> =>
  Effect.suspend(() => Queue.offer(shell.inbox, NodeEvent.Timed({ event: event() })))

const every = (shell: Shell, millis: number, effect: Effect.Effect<unknown>) =>
  forkBeside(shell, Effect.sleep(millis).pipe(Effect.andThen(effect), Effect.forever))

/** Gives the turns a way to this role's fibers, for as long as its scope is open. */
const opens = (
  shell: Shell,
  doors: Partial<Pick<Shell, "electionMoved" | "armTick" | "replicators" | "followMembers">>
) => {
  const closed = { electionMoved: () => {}, armTick: () => {}, replicators: null, followMembers: () => Effect.void }
  return Effect.acquireRelease(
    Effect.sync(() => Object.assign(shell, doors)),
    () => Effect.sync(() => Object.assign(shell, closed))
  )
}
