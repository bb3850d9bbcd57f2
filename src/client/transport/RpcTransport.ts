/**
 * The nodes over their client RPC: one TCP connection for each link, with one conversation on it.
 */
import { Effect, Layer, Queue, Stream } from "effect"
import { formatAddress, type HostAndPort, parseAddress } from "../../api/Address.ts"
import type { WatchEvent } from "../../api/Events.ts"
import { NoAnswer, type NoNodeAnswers } from "../ClientErrors.ts"
import { type Watched, watchEvents } from "../Watching.ts"
import { ClientTransport, type Link } from "./ClientTransport.ts"
import * as ConversationLink from "./ConversationLink.ts"

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
  const noAnswer = (why: string) => new NoAnswer({ address, why })
  // A node may say of the leader whatever it likes.
  const to = yield* Effect.mapError(Effect.fromOption(parseAddress(address)), () => noAnswer("no address"))
  const link = yield* ConversationLink.open(to, hear)
  // A node begins by saying who leads.
  yield* link.begun.pipe(
    Effect.timeoutOrElse({
      duration: answerMillisMax,
      orElse: () => Effect.fail(`no answer within ${answerMillisMax / 1000} s`)
    }),
    Effect.mapError(noAnswer)
  )
  return {
    address,
    send: (groups) => Effect.mapError(link.send(groups), noAnswer),
    ended: Effect.mapError(link.ended, noAnswer)
  } satisfies Link
})
