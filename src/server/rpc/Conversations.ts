/**
 * The conversations of clients with this node, one for each connection that opens one. Whenever the node knows of
 * another leader, all of them are told where it is.
 */
import { Array, Context, Effect, FiberSet, Layer, Stream } from "effect"
import { Limits } from "../../api/Limits.ts"
import * as Conversation from "../../api/rpc/Conversation.ts"
import { Tracing } from "../../node/tracing/Tracing.ts"
import { ClusterStatus } from "../ClusterStatus.ts"
import { Locks } from "../Locks.ts"
import { aroundPerform } from "../tracing/ServerSpans.ts"
import * as OperationCheck from "./OperationCheck.ts"
import { piecesOf } from "./Pieces.ts"
import { Talk } from "./Talk.ts"

export class Conversations extends Context.Service<Conversations, {
  /** Packed outcomes for this connection, until it ends or the node stops. */
  readonly converse: (client: number) => Stream.Stream<Uint8Array>
  /** Begins what is packed in a batch. Dies on bytes that are none. */
  readonly operate: (client: number, batch: Uint8Array) => Effect.Effect<void>
  /** Ends them all, once what has been decided is told. */
  readonly end: Effect.Effect<void>
}>()("server/rpc/Conversations") {
  static readonly layer = Layer.effect(Conversations, Effect.suspend(() => make))
}

const make = Effect.gen(function*() {
  const locks = traced(yield* Locks, yield* Tracing)
  const check = OperationCheck.make(yield* Limits)
  const talks = new Map<number, Talk>()
  const fork = yield* FiberSet.makeRuntime()
  const leader = yield* watchLeader(talks)

  const begin = Effect.fnUntraced(function*(client: number) {
    const talk = new Talk({ locks, check, fork })
    talks.get(client)?.end()
    talks.set(client, talk)
    talk.tell({ _tag: "Leader", address: leader() })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (talks.get(client) === talk) talks.delete(client)
        talk.forget()
      })
    )
    return Stream.mapArray(Stream.fromQueue(talk.outcomes), packed)
  })

  return Conversations.of({
    converse: (client) => Stream.unwrap(begin(client)),
    operate: (client, batch) =>
      Effect.sync(() => {
        const talk = talks.get(client)
        if (talk === undefined) throw new Error("a batch came before the conversation")
        talk.operate(Conversation.batch.decode(batch))
      }),
    end: Effect.sync(() => talks.forEach((talk) => talk.end()))
  })
})

const traced = (locks: Locks["Service"], tracing: Tracing | null): Locks["Service"] =>
  tracing === null ? locks : { ...locks, perform: aroundPerform(tracing, locks.perform) }

const packed = (outcomes: Array.NonEmptyReadonlyArray<Conversation.Outcome>) =>
  Array.map(piecesOf(outcomes), Conversation.outcomes.encode)

/** One fiber looks for all of them. */
const watchLeader = Effect.fnUntraced(function*(talks: ReadonlyMap<number, Talk>) {
  const { status } = yield* ClusterStatus
  const leaderOf = Effect.map(
    status,
    ({ leaderId, members }) => members.find(({ nodeId }) => nodeId === leaderId)?.rpc ?? null
  )
  let address = yield* leaderOf
  const look = Effect.map(leaderOf, (now) => {
    if (now === address) return
    address = now
    for (const talk of talks.values()) talk.tell({ _tag: "Leader", address })
  })
  yield* Effect.forkScoped(Effect.forever(Effect.delay(look, lookMillis)))
  return () => address
})

const lookMillis = 250
