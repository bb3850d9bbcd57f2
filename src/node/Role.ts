/**
 * A role is a scoped effect of one term: it owns its timers, heartbeats and replicators as fibers,
 * takes turns, and ends by returning the state in which the next role starts.
 *
 * Closing the scope is the whole of the clean-up: nothing of an old role can act in a new one.
 */
import { Effect, Queue, Scope } from "effect"
import { Event } from "../raft/Event.ts"
import type { NodeId } from "../raft/Membership.ts"
import type { RaftMessage } from "../raft/RaftMessage.ts"
import { leaderOf, type RaftState } from "../raft/RaftState.ts"
import * as Alarm from "./Alarm.ts"
import { NodeEvent } from "./NodeEvent.ts"
import type { PeerMessage } from "./PeerMessage.ts"
import { forkBeside, type Shell } from "./Shell.ts"
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
  const replicators = yield* makeReplicators(shell)
  yield* replicators.follow(state)
  yield* opens(shell, { armTick: tick.set, replicate: replicators.replicate, followMembers: replicators.follow })
})

/** One for each follower there is: they come and go with the members, and all go with the role. */
const makeReplicators = Effect.fnUntraced(function*(shell: Shell) {
  const scope = yield* Effect.scope
  const outboxes = new Map<NodeId, Queue.Queue<RaftMessage>>()
  const follow = Effect.fnUntraced(function*({ role }: RaftState) {
    if (role._tag !== "Leader") return
    for (const id of role.progress.keys()) {
      if (!outboxes.has(id)) outboxes.set(id, yield* Scope.provide(replicator(shell, id), scope))
    }
    for (const [id, outbox] of outboxes) {
      if (role.progress.has(id)) continue
      outboxes.delete(id)
      yield* Queue.shutdown(outbox)
    }
  })
  const replicate = (to: NodeId, message: RaftMessage): boolean => {
    const outbox = outboxes.get(to)
    return outbox !== undefined && Queue.offerUnsafe(outbox, message)
  }
  return { follow, replicate }
})

/**
 * The replicator of one follower: the core says what to send, this fiber waits until the connection
 * takes it, and whatever has gathered meanwhile leaves as one write.
 */
const replicator = Effect.fnUntraced(function*(shell: Shell, to: NodeId) {
  // The core bounds what is on its way to a follower; beyond that only heartbeats come, and they may go.
  const outbox = yield* Queue.sliding<RaftMessage>(outboxLengthMax)
  const passOn = Effect.flatMap(
    Queue.takeAll(outbox),
    (messages) => shell.links.send(to, messages.map((message): PeerMessage => ({ _tag: "Raft", message })))
  )
  yield* forkBeside(shell, Effect.forever(passOn))
  return outbox
})

const outboxLengthMax = 1024

const timed = (shell: Shell, event: () => Event): Effect.Effect<unknown> =>
  Effect.suspend(() => Queue.offer(shell.inbox, NodeEvent.Timed({ event: event() })))

const every = (shell: Shell, millis: number, effect: Effect.Effect<unknown>) =>
  forkBeside(shell, Effect.sleep(millis).pipe(Effect.andThen(effect), Effect.forever))

/** Gives the turns a way to this role's fibers, for as long as its scope is open. */
const opens = (
  shell: Shell,
  doors: Partial<Pick<Shell, "electionMoved" | "armTick" | "replicate" | "followMembers">>
) => {
  const closed = { electionMoved: () => {}, armTick: () => {}, replicate: null, followMembers: () => Effect.void }
  return Effect.acquireRelease(
    Effect.sync(() => Object.assign(shell, doors)),
    () => Effect.sync(() => Object.assign(shell, closed))
  )
}
