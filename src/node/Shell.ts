/**
 * What one node's turns work with: its services, and the few things that change beside the core's
 * state. Only the role loop changes them; everybody else reads.
 */
import { Cause, Clock, Effect, FiberMap, Queue } from "effect"
import { LogIndex, Term } from "../raft/Entry.ts"
import type { ClusterId, NodeId } from "../raft/Membership.ts"
import { type RaftState, wasMember } from "../raft/RaftState.ts"
import type { Snapshot } from "../raft/Snapshot.ts"
import type { Administered } from "./administration/Administration.ts"
import { CaughtUp } from "./CaughtUp.ts"
import { EventLog } from "./EventLog.ts"
import { LockStore } from "./LockStore.ts"
import { LogStore } from "./LogStore.ts"
import { NodeMetrics } from "./metrics/NodeMetrics.ts"
import { NodeConfig } from "./NodeConfig.ts"
import type { NodeEvent } from "./NodeEvent.ts"
import * as PeerMarks from "./peers/PeerMarks.ts"
import type { PeerMessage } from "./peers/PeerMessage.ts"
import type { Replicators } from "./peers/Replicators.ts"
import { Copies } from "./requests/Copies.ts"
import * as RenewalPace from "./requests/RenewalPace.ts"
import { type Pending, Requests } from "./requests/Requests.ts"
import * as SnapshotWork from "./snapshots/SnapshotWork.ts"
import { SnapshotStore } from "./SnapshotStore.ts"
import * as Alarm from "./time/Alarm.ts"
import * as LeaderClock from "./time/LeaderClock.ts"
import { RequestTraces } from "./tracing/RequestTraces.ts"
import { Tracing } from "./tracing/Tracing.ts"
import type { Address, Hello, Links, Refusal } from "./Transport.ts"

/** Reads wait for the state machine to reach an index, and some of them for a tick first. */
export interface WaitingRead {
  readonly index: LogIndex
  readonly requests: ReadonlyArray<string>
  /** The entry at the index ends all that was due when the read asked. */
  readonly isDecided: boolean
}

export interface ElectionDeadlines {
  readonly arming: number
  readonly silentAtMillis: number
  readonly timeoutAtMillis: number
}

/** What a peer goes on saying that turns this node away: since when, and when it was heard last. */
export interface Refused {
  readonly reason: Refusal["reason"]
  readonly sinceMillis: number
  readonly lastMillis: number
}

export interface Shell {
  readonly config: NodeConfig["Service"]
  readonly inbox: Queue.Queue<NodeEvent>
  readonly logStore: LogStore["Service"]
  readonly lockStore: LockStore["Service"]
  readonly snapshotStore: SnapshotStore["Service"]
  readonly requests: Requests
  /** The way of this node's own callers into the inbox. */
  readonly renewalPace: RenewalPace.RenewalPace
  /** What this node, as the leader, has put into its log for others. */
  readonly copies: Copies
  /** What has become of locks, for whoever watches. */
  readonly events: EventLog
  readonly caughtUp: CaughtUp
  readonly metrics: NodeMetrics
  /** Null unless this node traces. */
  readonly traces: RequestTraces | null
  readonly now: () => number
  /** What time it is for people. Nothing is decided by it. */
  readonly wallNow: () => number
  readonly startedAtMillis: number
  links: Links
  /** The latest state, for readers outside the loop. */
  state: RaftState
  lastApplied: LogIndex
  lastAppliedTerm: Term
  /** The stamp of the last applied entry: what time it is for a read that asks nobody. */
  lastAppliedTime: number
  clock: LeaderClock.LeaderClock
  /** When an entry last moved the replicated clock, on the monotonic clock. */
  movedAtMillis: number
  /** Since when no leader is known; null while one is. */
  leaderlessSince: number | null
  /** Why the node takes no writes; null while it does. */
  stalled: string | null
  /** What connected peers said of themselves; kept when they leave, for their addresses. */
  readonly hellos: Map<NodeId, Hello>
  readonly linked: Set<NodeId>
  /** The version of the protocol that each peer spoke when it was last linked. */
  readonly versions: Map<NodeId, number>
  /** How far the stores of others, and this one, were seen to have come. */
  readonly marks: PeerMarks.PeerMarks
  /** Whom the transport dials, and where. */
  peers: ReadonlyMap<NodeId, Address>
  /** It was started to join a cluster, and no membership in its log had named its disk yet. */
  readonly asksToJoin: boolean
  /** An id of this node's cluster that may have been minted in vain; null if none is known to be. */
  doubted: ClusterId | null
  /** Peers that have turned this node away, until they let it in. */
  readonly refusedBy: Map<NodeId, Refused>
  /** What operators have asked for and does not have an outcome yet. */
  readonly administered: Map<string, Administered>
  /** When this node has last asked the leader to let a newcomer in. */
  readonly introduced: Map<NodeId, number>
  /** Reads the core has not confirmed yet, by their number. */
  readonly unconfirmed: Map<number, ReadonlyArray<string>>
  confirmed: Array<WaitingRead>
  readCount: number
  /** Messages other than AppendEntries, gathered in a turn and handed over once. */
  readonly snapshots: SnapshotWork.SnapshotWork
  /** Fibers beside the role loop, by name; they outlive roles. */
  readonly beside: FiberMap.FiberMap<string>
  readonly outgoing: Map<NodeId, Array<PeerMessage>>
  /** When the election timer runs out. It outlives the role, whose fiber watches it. */
  election: ElectionDeadlines
  /** The doors to the present role's fibers. */
  electionMoved: () => void
  armTick: (atMillis: number | null) => void
  /** Null when this node does not lead. */
  replicators: Replicators | null
  followMembers: (state: RaftState) => Effect.Effect<void>
}

const notOpen: Links = {
  offer: () => Effect.void,
  send: () => Effect.void,
  write: () => [],
  setPeers: () => Effect.void
}

/** `snapshot` is what the state machine starts from. */
export const make = Effect.fnUntraced(function*(state: RaftState, snapshot: Snapshot | null) {
  const config = yield* NodeConfig
  const clock = yield* Clock.Clock
  const now = () => Alarm.monotonicMillis(clock)
  const logStore = yield* LogStore
  const tracing = yield* Tracing
  const inbox = yield* Queue.bounded<NodeEvent>(inboxLengthMax)
  const requests = new Requests({ countMax: requestsMax, bytesMax: requestBytesMax })
  const shell: Shell = {
    config,
    inbox,
    logStore,
    lockStore: yield* LockStore,
    snapshotStore: yield* SnapshotStore,
    requests,
    renewalPace: yield* RenewalPace.make((pending) => submit(inbox, requests, pending)),
    copies: new Copies(),
    events: new EventLog(config.eventsKept, snapshot?.index ?? 0),
    caughtUp: new CaughtUp(),
    metrics: new NodeMetrics(state.log.lastIndex),
    traces: tracing === null ? null : new RequestTraces(tracing),
    now,
    wallNow: () => clock.currentTimeMillisUnsafe(),
    startedAtMillis: now(),
    links: notOpen,
    state,
    lastApplied: snapshot?.index ?? LogIndex.make(0),
    lastAppliedTerm: snapshot?.term ?? Term.make(0),
    lastAppliedTime: snapshot?.time ?? 0,
    clock: LeaderClock.start(0, now()),
    movedAtMillis: now(),
    leaderlessSince: now(),
    stalled: null,
    hellos: new Map(),
    linked: new Set(),
    versions: new Map(),
    marks: PeerMarks.make(logStore.recovered),
    peers: new Map([...config.peers].filter(([id]) => id !== config.nodeId)),
    asksToJoin: config.joins && !wasMember(state, state.self, state.storeId),
    doubted: null,
    refusedBy: new Map(),
    administered: new Map(),
    introduced: new Map(),
    unconfirmed: new Map(),
    confirmed: [],
    readCount: 0,
    snapshots: SnapshotWork.idle(),
    beside: yield* FiberMap.make<string>(),
    outgoing: new Map(),
    election: { arming: state.arming, silentAtMillis: Infinity, timeoutAtMillis: Infinity },
    electionMoved: () => {},
    armTick: () => {},
    replicators: null,
    followMembers: () => Effect.void
  }
  return shell
})

/** Into the inbox, unless it was sent or settled on its way here. Without room there it is settled at once. */
const submit = (inbox: Queue.Queue<NodeEvent>, requests: Requests, pending: Pending): void => {
  if (!requests.isToSend(pending) || Queue.offerUnsafe(inbox, { _tag: "Submitted", pending })) return
  requests.forget(pending.request)
  pending.settle({ failure: "overloaded" })
}

/**
 * Runs a fiber beside the role loop, for as long as the scope is open. If it dies, the node dies of the
 * same cause at its next turn: nobody else would notice that a part of it is missing.
 */
export const forkBeside = (shell: Shell, effect: Effect.Effect<unknown>) =>
  Effect.forkScoped(fatal(shell, effect), { startImmediately: true })

/** The same, for as long as the node lives. The one of that name before it is interrupted. */
export const runBeside = (shell: Shell, name: string, effect: Effect.Effect<unknown>): Effect.Effect<void> =>
  Effect.asVoid(FiberMap.run(shell.beside, name, fatal(shell, effect)))

export const stopBeside = (shell: Shell, name: string): Effect.Effect<void> => FiberMap.remove(shell.beside, name)

const fatal = (shell: Shell, effect: Effect.Effect<unknown>) =>
  Effect.tapDefect(effect, (defect) => Queue.failCause(shell.inbox, Cause.die(defect)))

/** Past these a caller hears `overloaded` at once, and a peer's connection is read no further. */
export const inboxLengthMax = 16_384
const requestsMax = 200_000
/** Of the values that their locks are to have. */
const requestBytesMax = 64 * 1024 * 1024

/** Gathers a message for a peer; `flush` hands them over at the end of the turn. */
export const post = (shell: Shell, to: NodeId, message: PeerMessage): void => {
  const messages = shell.outgoing.get(to)
  if (messages) messages.push(message)
  else shell.outgoing.set(to, [message])
}

/** One write for each peer a turn. */
export const flush = (shell: Shell): Effect.Effect<void> => shell.outgoing.size === 0 ? Effect.void : handOver(shell)

const handOver = ({ links, outgoing }: Shell): Effect.Effect<void> => {
  const all = [...outgoing]
  outgoing.clear()
  const left = all.filter(([to, messages]) => links.write([to], messages).length > 0)
  return left.length === 0
    ? Effect.void
    : Effect.forEach(left, ([to, messages]) => links.offer(to, messages), { discard: true })
}
