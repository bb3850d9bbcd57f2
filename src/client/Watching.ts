/**
 * What becomes of locks, told for as long as anybody listens: when a node is lost the next one goes on behind the last
 * event that was heard, so nothing is told twice, and what is missing is told as a gap.
 *
 * It gives up only when no node answers at the start. Later it tells that none does, and tries again.
 */
import { Effect, Stream } from "effect"
import type { HostAndPort } from "../api/Address.ts"
import type { WatchEvent } from "../api/Events.ts"
import { firstToAnswer } from "./AdminClient.ts"
import { isConnectionError, type NoNodeAnswers, whyLost } from "./ClientErrors.ts"

/** What happened to the connection, between the events. */
export type Link =
  | { readonly event: "watching"; readonly address: string }
  | { readonly event: "lost"; readonly message: string }

export type Watched = WatchEvent | Link

export interface WatchOptions {
  readonly nodes: ReadonlyArray<HostAndPort>
  readonly prefix: string
  readonly tell: (watched: Watched) => Effect.Effect<void>
}

export const watchEvents = Effect.fnUntraced(
  function*({ nodes, prefix, tell }: WatchOptions): Effect.fn.Return<never, NoNodeAnswers> {
    let after: string | undefined = undefined
    let hasBegun = false
    const listen = Effect.gen(function*() {
      const { address, ask } = yield* firstToAnswer(nodes)
      hasBegun = true
      // The node says at once where its stream begins.
      let isNew = true
      const hear = (event: WatchEvent) => {
        after = event.id
        const toldBefore = isNew ? tell({ event: "watching", address }) : Effect.void
        isNew = false
        return Effect.andThen(toldBefore, tell(event))
      }
      const told = Stream.runForEach(ask.watch(after === undefined ? { prefix } : { prefix, after }), hear)
      return yield* Effect.match(Effect.catchDefect(told, Effect.fail), {
        onSuccess: () => `${address}: ended the stream`,
        onFailure: (error) => `${address}: ${whyOf(error)}`
      })
    })
    while (true) {
      const why: string = yield* Effect.scoped(listen).pipe(
        Effect.catchTag("NoNodeAnswers", (error) => hasBegun ? Effect.succeed(error.message) : Effect.fail(error))
      )
      yield* tell({ event: "lost", message: why })
      yield* Effect.sleep(pauseMillis)
    }
  }
)

const whyOf = (error: unknown): string =>
  isConnectionError(error) || !(error instanceof Error) ? whyLost(error) : error.message

const pauseMillis = 500
