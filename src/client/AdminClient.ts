/**
 * An operator's client: it takes the first of the nodes given that answers, and asks that one, since any node passes
 * on to the leader what is the leader's.
 *
 * A change whose answer is lost is never sent again by itself: it fails with `OutcomeUnknown`.
 */
import { Context, Effect, Layer, Result, type Scope, Stream } from "effect"
import type { RpcClientError } from "effect/rpc"
import type { HostAndPort } from "../api/Address.ts"
import type { Leadership, Members, SnapshotTaken, Status } from "../api/Cluster.ts"
import type { NodeId } from "../api/Fields.ts"
import type { Explanation, History } from "../api/LockInsight.ts"
import type { LockPage } from "../api/Locks.ts"
import {
  type ChangeInProgress,
  type ChangeRefused,
  type NotFound,
  OutcomeUnknown,
  type SnapshotFailed,
  type Unavailable,
  type Unreadable
} from "../api/Problems.ts"
import { isConnectionError, type NoAnswer, NodeLost, noneAnswers, type NoNodeAnswers, whyLost } from "./ClientErrors.ts"
import { connect, type RpcNode } from "./RpcNode.ts"

type NotChanged = ChangeInProgress | ChangeRefused | Unavailable

export class AdminClient extends Context.Service<AdminClient, {
  /** The node that answers, `host:port`. */
  readonly address: string
  readonly status: Effect.Effect<Status, NodeLost>
  readonly members: Effect.Effect<Members, NodeLost>
  /** A page of the locks that are held or waited for, in order of their names. */
  readonly listLocks: (
    options: { readonly prefix: string; readonly limit: number; readonly cursor: string | null }
  ) => Effect.Effect<LockPage, Unreadable | NodeLost>
  readonly explainLock: (name: string) => Effect.Effect<Explanation, Unreadable | NodeLost>
  readonly lockHistory: (name: string) => Effect.Effect<History, Unreadable | NodeLost>
  readonly addMember: (member: { readonly nodeId: NodeId; readonly raft: string }) => Effect.Effect<void, NotChanged>
  readonly removeMember: (nodeId: NodeId) => Effect.Effect<void, NotFound | NotChanged>
  readonly transferLeadership: (to: NodeId | null) => Effect.Effect<Leadership, NotFound | NotChanged>
  readonly takeSnapshot: Effect.Effect<SnapshotTaken, SnapshotFailed | NodeLost>
  readonly downloadSnapshot: Stream.Stream<Uint8Array, SnapshotFailed | NodeLost>
}>()("client/AdminClient") {
  /** Fails when none of the nodes answers. */
  static readonly layer = (nodes: ReadonlyArray<HostAndPort>): Layer.Layer<AdminClient, NoNodeAnswers> =>
    Layer.effect(AdminClient, Effect.map(firstToAnswer(nodes), clientOf))
}

/** What one node says of itself. */
export const statusOf = (node: HostAndPort): Effect.Effect<Status, NoAnswer> =>
  Effect.scoped(Effect.map(connect(node), ({ status }) => status))

/** Tries one after the other. The connection lasts as long as the scope. */
export const firstToAnswer = Effect.fnUntraced(function*(
  nodes: ReadonlyArray<HostAndPort>
): Effect.fn.Return<RpcNode, NoNodeAnswers, Scope.Scope> {
  const silent: Array<NoAnswer> = []
  for (const node of nodes) {
    const attempt = yield* Effect.result(connect(node))
    if (Result.isSuccess(attempt)) return attempt.success
    silent.push(attempt.failure)
  }
  return yield* noneAnswers(silent)
})

const clientOf = ({ address, ask }: RpcNode): AdminClient["Service"] => {
  const question = orLost(address)
  const change = orUnknown(address)
  return {
    address,
    status: question(ask.status()),
    members: question(ask.members()),
    listLocks: ({ cursor, limit, prefix }) =>
      question(
        ask.listLocks({ prefix, limit, consistency: "linearizable", ...(cursor === null ? undefined : { cursor }) })
      ),
    explainLock: (name) => question(ask.explainLock({ name, consistency: "linearizable" })),
    lockHistory: (name) => question(ask.lockHistory({ name, consistency: "linearizable" })),
    addMember: (member) => change(ask.addMember(member)),
    removeMember: (nodeId) => change(ask.removeMember({ nodeId })),
    transferLeadership: (to) => change(ask.transferLeadership(to === null ? {} : { to })),
    takeSnapshot: question(ask.takeSnapshot()),
    downloadSnapshot: Stream.catchIf(
      ask.downloadSnapshot(),
      isConnectionError,
      (error) => Stream.fail(lost(address, error))
    )
  }
}

const lost = (address: string, error: unknown) => new NodeLost({ message: `${address}: ${whyLost(error)}` })

type Answered<E> = Exclude<E, RpcClientError.RpcClientError>

const orLost = (address: string) => <A, E>(asked: Effect.Effect<A, E>): Effect.Effect<A, Answered<E> | NodeLost> =>
  Effect.mapError(asked, (error) => isConnectionError(error) ? lost(address, error) : error as Answered<E>)

/** Longer than a node ever takes to say that it cannot say. */
const changeMillisMax = 30_000

const orUnknown =
  (address: string) => <A, E>(asked: Effect.Effect<A, E>): Effect.Effect<A, Answered<E> | OutcomeUnknown> => {
    const unknown = new OutcomeUnknown({
      detail: `${address} was lost before it answered. The change may or may not have been made: list the members ` +
        "before you ask again."
    })
    return asked.pipe(
      Effect.mapError((error) => isConnectionError(error) ? unknown : error as Answered<E>),
      Effect.catchDefect(() => Effect.fail(unknown)),
      Effect.timeoutOrElse({ duration: changeMillisMax, orElse: () => Effect.fail(unknown) })
    )
  }
