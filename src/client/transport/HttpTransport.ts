/**
 * The nodes over HTTP, where nothing else passes: each operation is a request of its own, and a wait keeps one open.
 * Any node does, as it passes on what is the leader's.
 *
 * A request whose link is closed is aborted, and its node withdraws that attempt, never a later one: who leaves a link
 * closes it when it is drained.
 */
import { Deferred, Effect, FiberSet, Layer, Queue, Redacted, Stream } from "effect"
import type { WatchEvent } from "../../api/Events.ts"
import type { Group, Operation } from "../../api/rpc/Conversation.ts"
import { NoAnswer, noneAnswers, type NoNodeAnswers } from "../ClientErrors.ts"
import { ClientTransport, type Link } from "./ClientTransport.ts"
import { type ApiClient, makeApiClient, outcomeOf, problemOf } from "./HttpOperations.ts"

/** A node that has not said a word by then is given up. */
const answerMillisMax = 3_000

/** Base URLs, such as `http://127.0.0.1:8081`. */
export const layer = (nodes: ReadonlyArray<string>): Layer.Layer<ClientTransport> =>
  Layer.succeed(ClientTransport, {
    nodes,
    followsLeader: false,

    connect,
    watch: (prefix) => watch(nodes, prefix)
  })

const connect: ClientTransport["Service"]["connect"] = Effect.fnUntraced(function*(address, hear) {
  const client = yield* answering(address)
  const ended = Deferred.makeUnsafe<never, NoAnswer>()
  const requests = yield* FiberSet.make()
  const fork = yield* FiberSet.runtime(requests)()
  const latest = new Map<string, number>()
  const ask = (group: Group, operation: Operation) => {
    const { id } = operation
    const claim = claimOf(group, operation)
    if (claim !== null) latest.set(claim, id)
    // It was asked again since, and by now hears only that Node's fetch has no more patience.
    const isReplaced = () => claim !== null && latest.get(claim) !== id
    return outcomeOf(client, group, operation).pipe(
      Effect.match({
        onSuccess: (outcome) => hear([outcome]),
        onFailure: (error) => {
          const problem = problemOf(error)
          if (problem !== null) hear([{ _tag: "Failed", id, problem }])
          else if (!isReplaced()) Deferred.doneUnsafe(ended, Effect.fail(lost(address)))
        }
      }),
      Effect.andThen(Effect.sync(() => {
        if (claim !== null && !isReplaced()) latest.delete(claim)
      }))
    )
  }
  return {
    address,
    send: (groups) =>
      Effect.sync(() => {
        for (const group of groups) for (const operation of group.operations) fork(ask(group, operation))
      }),
    ended: Deferred.await(ended),
    drained: FiberSet.awaitEmpty(requests)
  } satisfies Link
})

/** What an acquire is about; of one claim, the latest attempt counts. */
const claimOf = ({ session }: Group, operation: Operation): string | null =>
  session === undefined || operation._tag !== "Acquire"
    ? null
    : JSON.stringify([Redacted.value(session), operation.owner, operation.lock])

const lost = (address: string) => new NoAnswer({ address, why: "ended the connection" })

/** The node there, if it says in time that it is one. */
const answering = Effect.fnUntraced(function*(address: string): Effect.fn.Return<ApiClient, NoAnswer> {
  const client = yield* makeApiClient(address)
  yield* client.cluster.status().pipe(
    Effect.mapError(() => new NoAnswer({ address, why: "cannot be reached, or is no node of this release" })),
    Effect.timeoutOrElse({
      duration: answerMillisMax,
      orElse: () => Effect.fail(new NoAnswer({ address, why: `no answer within ${answerMillisMax / 1000} s` }))
    })
  )
  return client
})

const watch = (nodes: ReadonlyArray<string>, prefix: string) =>
  Stream.callback<WatchEvent, NoNodeAnswers>((queue) => tellEvents(nodes, prefix, queue), { bufferSize: 256 })

/** From one node after the other, behind the last event that was heard. Fails if none answers at the start. */
const tellEvents = Effect.fnUntraced(function*(
  nodes: ReadonlyArray<string>,
  prefix: string,
  queue: Queue.Enqueue<WatchEvent>
): Effect.fn.Return<never, NoNodeAnswers> {
  let after: string | null = null
  let hasBegun = false
  while (true) {
    const silent: Array<NoAnswer> = []
    for (const address of nodes) {
      const listen = Effect.flatMap(answering(address), (client) => {
        hasBegun = true
        return listenTo(client, prefix, after, (event) => {
          after = event.id
          return Effect.asVoid(Queue.offer(queue, event))
        })
      })
      yield* Effect.catchTag(listen, "NoAnswer", (error) => Effect.sync(() => silent.push(error)))
    }
    if (!hasBegun) return yield* noneAnswers(silent)
    yield* Effect.sleep(pauseMillis)
  }
})

/** Until the stream ends, however it does: of a node that stands still there may be no end, and no word. */
const listenTo = (
  client: ApiClient,
  prefix: string,
  after: string | null,
  tell: (event: WatchEvent) => Effect.Effect<void>
): Effect.Effect<void> =>
  Stream.unwrap(client.events.watch({ query: { prefix }, headers: after === null ? {} : { "last-event-id": after } }))
    .pipe(
      Stream.timeout(silenceMillisMax),
      Stream.runForEach((event) => tell(event as WatchEvent)),
      Effect.ignore
    )

/** Twice as long as a node leaves its watchers without a word. */
const silenceMillisMax = 30_000

const pauseMillis = 500
