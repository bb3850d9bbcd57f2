/**
 * The nodes over their client RPC: one TCP connection for each link, with one conversation on it.
 */
import { Deferred, Effect, Layer, Option, Queue, Stream } from "effect"
import { RpcClient } from "effect/rpc"
import { formatAddress, type HostAndPort, parseAddress } from "../../api/Address.ts"
import type { WatchEvent } from "../../api/Events.ts"
import * as Conversation from "../../api/rpc/Conversation.ts"
import { NoAnswer, type NoNodeAnswers, whyLost } from "../ClientErrors.ts"
import { protocolTo } from "../RpcNode.ts"
import { type Watched, watchEvents } from "../Watching.ts"
import { ClientTransport, type Link } from "./ClientTransport.ts"

/** A node that has not said a word by then is given up. */
const answerMillisMax = 3_000

export const layer = (nodes: ReadonlyArray<HostAndPort>): Layer.Layer<ClientTransport> =>
  Layer.succeed(ClientTransport, {
    nodes: nodes.map(formatAddress),
    followsLeader: true,
    connect,
    watch: (prefix) => watch(nodes, prefix)
  })

const watch = (nodes: ReadonlyArray<HostAndPort>, prefix: string) =>
  Stream.callback<WatchEvent, NoNodeAnswers>((queue) =>
    watchEvents({
      nodes,
      prefix,
      // Whoever takes too slowly holds the connection up, and the node cuts off who does so for long.
      tell: (watched) => isOfLink(watched) ? Effect.void : Effect.asVoid(Queue.offer(queue, watched))
    }), { bufferSize: 256 })

const isOfLink = (watched: Watched): watched is Exclude<Watched, WatchEvent> =>
  watched.event === "watching" || watched.event === "lost"

const connect: ClientTransport["Service"]["connect"] = Effect.fnUntraced(function*(address, hear) {
  const ended = Deferred.makeUnsafe<never, NoAnswer>()
  const lost = (error: unknown) => new NoAnswer({ address, why: whyLost(error) })
  const to = Option.getOrThrow(parseAddress(address))
  const rpc = yield* RpcClient.make(Conversation.ConversationRpcs, { disableTracing: true }).pipe(
    Effect.provide(yield* Layer.build(protocolTo(to)))
  )
  const pieces = yield* rpc.converse(undefined, { asQueue: true, streamBufferSize: 1_024 })
  const listen = Effect.map(
    Queue.takeAll(pieces),
    (some) => some.forEach((one) => hear(Conversation.outcomes.decode(one)))
  )
  const orLost = <A, E>(effect: Effect.Effect<A, E>) =>
    effect.pipe(Effect.catchDefect(Effect.fail), Effect.mapError(lost))
  // A node begins by saying who leads.
  yield* orLost(listen).pipe(
    Effect.timeoutOrElse({
      duration: answerMillisMax,
      orElse: () => Effect.fail(new NoAnswer({ address, why: `no answer within ${answerMillisMax / 1000} s` }))
    })
  )
  yield* Effect.forkScoped(Effect.onExit(
    orLost(Effect.forever(listen)),
    (exit) => Deferred.done(ended, exit)
  ))
  return {
    address,
    send: (groups) => orLost(rpc.operate({ batch: Conversation.batch.encode(groups) })),
    ended: Deferred.await(ended)
  } satisfies Link
})
