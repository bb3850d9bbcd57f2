/**
 * A node as the rest of the process sees it: ask it for a change or a read, and it answers once the
 * cluster has decided, wherever the leader is.
 *
 * The node lives as long as the layer's scope. One that stops by itself is seen: `join` fails.
 */
import { Context, Effect, Fiber, Layer, Option, Queue, Random, Stream, Tracer } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { RequestId } from "../lock/Identifiers.ts"
import type { LockCommand } from "../lock/LockCommand.ts"
import type { LockAnswer, LockQuery } from "../lock/LockQuery.ts"
import type { LockReply } from "../lock/LockReply.ts"
import { ClusterId, type Member } from "../raft/Membership.ts"
import { defaultSettings, initial } from "../raft/RaftState.ts"
import type { AdminAsk, AdminOutcome } from "./administration/AdminAsk.ts"
import * as Asking from "./administration/Asking.ts"
import * as HandingOver from "./administration/HandingOver.ts"
import { ownAddresses } from "./config/OwnAddresses.ts"
import { formatAddress } from "./config/Peers.ts"
import type { EventLog } from "./EventLog.ts"
import { LogStore, type LogStoreError } from "./LogStore.ts"
import type { Readings } from "./metrics/Readings.ts"
import * as ReadingsOf from "./metrics/Readings.ts"
import { NodeConfig } from "./NodeConfig.ts"
import { type NodeRefused, RequestFailed, SnapshotRefused } from "./NodeErrors.ts"
import { NodeEvent } from "./NodeEvent.ts"
import { type NodeStatus, statusOf } from "./NodeStatus.ts"
import * as Admission from "./peers/Admission.ts"
import type { Ask, Outcome, Pending } from "./requests/Requests.ts"
import * as Role from "./Role.ts"
import * as Shell from "./Shell.ts"
import * as Restored from "./snapshots/Restored.ts"
import type { Settle } from "./snapshots/SnapshotWork.ts"
import type { SnapshotStoreError, StoredSnapshot } from "./SnapshotStore.ts"
import { Transport } from "./Transport.ts"
import { version } from "./Version.ts"

/** A command that has a reply: all but the tick. */
export type Request = Exclude<LockCommand, { readonly _tag: "Tick" }>

export class RaftNode extends Context.Service<RaftNode, {
  /** An id that no other request of any node has or will have. */
  readonly nextRequest: Effect.Effect<RequestId>
  /**
   * Proposes a command and waits for its reply, at most `waitMillis` longer than requests ordinarily
   * may take. Interrupting it stops the waiting and not the command.
   */
  readonly submit: (command: Request, waitMillis?: number) => Effect.Effect<LockReply, RequestFailed>
  /**
   * As `submit`, and costs no fiber: `settle` hears the outcome once, at once if there is no room. What is
   * returned stops the telling and not the command. `parent` is what a node that traces hangs its spans under.
   */
  readonly propose: (
    commandOf: (request: RequestId) => Request,
    waitMillis: number,
    settle: (outcome: Outcome) => void,
    parent?: Tracer.AnySpan
  ) => () => void
  /** Calls back when a turn has settled what it could settle. What is returned ends that. */
  readonly onSettled: (listener: () => void) => () => void
  /** A linearizable read. */
  readonly query: (query: LockQuery) => Effect.Effect<LockAnswer, RequestFailed>
  /** What this node has applied, which may be old. */
  readonly queryStale: (query: LockQuery) => Effect.Effect<LockAnswer>
  readonly status: Effect.Effect<NodeStatus>
  /** What can be measured of this node now. */
  readonly readings: Effect.Effect<Readings>
  /** What became of locks and who leads, as this node applies it. */
  readonly events: Pick<EventLog, "read" | "end" | "listen">
  /** A snapshot of all that this node has applied when it is asked for. */
  readonly takeSnapshot: Effect.Effect<StoredSnapshot, SnapshotStoreError | SnapshotRefused>
  /** The file of a snapshot, byte for byte. It fails with `gone` if a later one has taken its place meanwhile. */
  readonly readSnapshot: (stored: StoredSnapshot) => Stream.Stream<Uint8Array, SnapshotStoreError>
  /** An operator's request, done by the leader wherever it is. */
  readonly administer: (ask: AdminAsk) => Effect.Effect<AdminOutcome, RequestFailed>
  /** Before this node stops: lets another one lead, if this one does. Takes a bounded time. */
  readonly handOver: Effect.Effect<void>
  /** Never succeeds; fails when the node has stopped by itself, and with what. */
  readonly join: Effect.Effect<never, LogStoreError | SnapshotStoreError | NodeRefused>
}>()("node/RaftNode") {
  static readonly layer = Layer.effect(RaftNode, Effect.suspend(() => make))
}

const make = Effect.gen(function*() {
  const restored = yield* Restored.restore
  const shell = yield* Shell.make(yield* recover(restored), restored.snapshot)
  yield* armFirstElection(shell)
  shell.links = yield* open(shell)
  const fiber = yield* Effect.forkScoped(Role.run(shell))
  yield* Shell.forkBeside(shell, sweep(shell))
  const requestId = yield* makeRequestIds(shell.config.nodeId)
  const nextRequest = Effect.sync(requestId)
  const queryStale = (query: LockQuery) => Effect.sync(() => shell.lockStore.answer(query, shell.lastAppliedTime))
  return RaftNode.of({
    nextRequest,
    submit: (command, waitMillis = 0) => submit(shell, command, waitMillis),
    propose: (commandOf, waitMillis, settle, parent) => {
      const command = commandOf(requestId())
      return tell(shell, command.request, { command }, waitMillis, settle, parent)
    },
    onSettled: (listener) => shell.requests.onSettled(listener),
    query: (query) => Effect.flatMap(nextRequest, (request) => ask<LockAnswer>(shell, request, { query }, 0)),
    queryStale,
    status: Effect.sync(() => statusOf(shell)),
    readings: Effect.sync(() => ReadingsOf.read(shell)),
    events: shell.events,
    takeSnapshot: takeSnapshot(shell),
    readSnapshot: (stored) => readSnapshot(shell, stored),
    administer: (ask) => Effect.flatMap(nextRequest, (request) => Asking.ask(shell, request, ask)),
    handOver: Effect.flatMap(nextRequest, (request) => HandingOver.handOver(shell, request)),
    join: Fiber.join(fiber)
  })
})

/** The state to start from: what the disk holds, under the membership that was configured. */
const recover = Effect.fnUntraced(function*({ entries, hardState, snapshot, start }: Restored.Restored) {
  const { joins, nodeId: self, peers, snapshots: { retainedEntries } } = yield* NodeConfig
  const { recovered: { storeId } } = yield* LogStore
  // Who joins founds nothing: it waits for a leader, and knows where some of the cluster is.
  const founders = [...peers].filter(([id]) => !joins || id !== self)
  const initialMembers = founders.map(([nodeId, address]): Member => ({
    nodeId,
    raft: formatAddress(address),
    voter: true,
    storeId: null
  }))
  const settings = { ...defaultSettings, retainedEntries }
  const clusterIdToMint = ClusterId.make(yield* randomHex(16))
  return initial({ self, storeId, clusterIdToMint, initialMembers, hardState, snapshot, start, entries, settings })
})

const randomHex = Effect.fnUntraced(function*(bytes: number) {
  const random = yield* SecureRandom.SecureRandom
  return Hex.encode(yield* random.randomBytes(bytes))
})

// A boot has an id of its own, so that a node that starts again never repeats a request id.
const makeRequestIds = Effect.fnUntraced(function*(nodeId: string) {
  const boot = yield* randomHex(6)
  let count = 0
  return () => `${nodeId}/${boot}/${(count += 1)}` as RequestId
})

/** A node that starts waits a whole random timeout for a leader that may be there (§5.2). */
const armFirstElection = Effect.fnUntraced(function*(shell: Shell.Shell) {
  const { electionMillisMax, electionMillisMin } = shell.config.timings
  const now = shell.now()
  const delay = yield* Random.nextIntBetween(electionMillisMin, electionMillisMax)
  shell.election = { ...shell.election, silentAtMillis: now + electionMillisMin, timeoutAtMillis: now + delay }
})

const open = Effect.fnUntraced(function*(shell: Shell.Shell) {
  const { host, nodeId: self, peers, raftPort } = shell.config
  const transport = yield* Transport
  return yield* transport.open({
    self,
    peers: shell.peers,
    hello: Effect.sync(() => ({
      ...Admission.introduce(shell),
      boots: shell.logStore.recovered.boots,
      raft: formatAddress(peers.get(self) ?? { host, port: raftPort }),
      ...ownAddresses(shell.config),
      version
    })),
    admit: (hello, hasLetIn) => Effect.sync(() => Admission.judge(shell, hello, hasLetIn)),
    deliver: (event) => Effect.asVoid(Queue.offer(shell.inbox, { _tag: "Linked", event }))
  })
})

/** Under the caller's span, if this node traces. */
const submit = (shell: Shell.Shell, command: Request, waitMillis: number): Effect.Effect<LockReply, RequestFailed> => {
  const submitUnder = (parent?: Tracer.AnySpan) =>
    ask<LockReply>(shell, command.request, { command }, waitMillis, parent)
  return shell.traces === null
    ? submitUnder()
    : Effect.flatMap(Effect.serviceOption(Tracer.ParentSpan), (parent) => submitUnder(Option.getOrUndefined(parent)))
}

/** Puts a request into the inbox and waits until it is settled. */
const ask = <A extends LockReply | LockAnswer>(
  shell: Shell.Shell,
  request: RequestId,
  ask: Ask,
  waitMillis: number,
  parent?: Tracer.AnySpan
) =>
  Effect.callback<A, RequestFailed>((resume) => {
    const settle = (outcome: Outcome) =>
      resume(
        "reply" in outcome
          ? Effect.succeed(outcome.reply as A)
          : Effect.fail(new RequestFailed({ reason: outcome.failure }))
      )
    return Effect.sync(tell(shell, request, ask, waitMillis, settle, parent))
  })

/** Puts a request into the inbox, and returns what forgets it. Without room for it, it is settled at once. */
const tell = (
  shell: Shell.Shell,
  request: RequestId,
  ask: Ask,
  waitMillis: number,
  settle: (outcome: Outcome) => void,
  parent?: Tracer.AnySpan
): () => void => {
  const now = shell.now()
  const trace = shell.traces?.of(parent)
  const pending: Pending = {
    request,
    ask,
    origin: null,
    sinceMillis: now,
    untilMillis: now + waitMillis + answerMillisMax,
    settle: trace === undefined ? settle : (outcome) => {
      shell.traces?.settled(trace, outcome)
      settle(outcome)
    },
    trace,
    sentTo: null,
    sentAtMillis: now,
    copies: 0,
    queued: false
  }
  const forget = () => {
    shell.requests.forget(request)
    shell.traces?.ended(trace, "hung up")
  }
  if (shell.requests.add(pending)) shell.renewalPace.offer(pending)
  else pending.settle({ failure: "overloaded" })
  return forget
}

const readSnapshot = ({ snapshotStore }: Shell.Shell, stored: StoredSnapshot) =>
  Stream.unfold(0, (offset) =>
    offset >= stored.bytes
      ? Effect.undefined
      : Effect.map(snapshotStore.read(stored, offset, readBytes), (bytes) => [bytes, offset + bytes.length] as const))

const readBytes = 256 * 1024

const takeSnapshot = (shell: Shell.Shell) =>
  Effect.callback<StoredSnapshot, SnapshotStoreError | SnapshotRefused>((resume) => {
    const settle: Settle = (outcome) => resume("_tag" in outcome ? Effect.fail(outcome) : Effect.succeed(outcome))
    const isTaken = Queue.offerUnsafe(shell.inbox, NodeEvent.SnapshotAsked({ settle }))
    if (!isTaken) settle(new SnapshotRefused({ message: "this node has too much to do; ask again" }))
  })

/** However long a leader is there and does not answer, a caller hears something. */
const answerMillisMax = 10_000

/**
 * Gives up requests that have waited too long, for a leader or in all. It works beside the role loop,
 * which may be waiting for its disk.
 */
const sweep = (shell: Shell.Shell) =>
  Effect.suspend(() => {
    const now = shell.now()
    const { leaderWaitMillis } = shell.config.timings
    const isLeaderless = shell.leaderlessSince !== null && shell.leaderlessSince <= now - leaderWaitMillis
    if (shell.requests.sweep(now, isLeaderless ? now - leaderWaitMillis : null)) return Effect.yieldNow
    if (shell.requests.size + shell.administered.size > 0) Queue.offerUnsafe(shell.inbox, NodeEvent.SweepDue())
    return Effect.sleep(sweepMillis)
  }).pipe(Effect.forever)

const sweepMillis = 100
