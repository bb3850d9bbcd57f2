/**
 * Lets go of whatever waits when a node stops. A change that is under way then has an outcome that
 * nobody can say; a read has done nothing, and neither has what comes later.
 *
 * It costs a request no more when very many wait: a change, by `watch`, a callback, and a `read` a fiber beside it.
 */
import { Effect } from "effect"
import { NoLeader, OutcomeUnknown } from "../../api/Problems.ts"

export class Draining {
  readonly #waiting = new Set<() => void>()
  #isDone = false

  /** From now on nobody waits. */
  readonly drain = Effect.sync(() => {
    this.#isDone = true
    for (const letGo of this.#waiting) letGo()
  })

  get isDone(): boolean {
    return this.#isDone
  }

  read<A, E, R>(read: Effect.Effect<A, E, R>): Effect.Effect<A, E | NoLeader, R> {
    return Effect.suspend((): Effect.Effect<A, E | NoLeader, R> =>
      this.#isDone ? Effect.fail(stopping()) : Effect.raceFirst(read, this.#end)
    )
  }

  /** Calls `letGo` when the node stops; what is returned ends that. */
  watch(letGo: () => void): () => void {
    this.#waiting.add(letGo)
    return () => void this.#waiting.delete(letGo)
  }

  readonly #end: Effect.Effect<never, NoLeader> = Effect.callback((resume) => {
    const unwatch = this.watch(() => resume(Effect.fail(stopping())))
    return Effect.sync(unwatch)
  })
}

export const stopped = () => new OutcomeUnknown({ detail: "This node stopped before it knew the outcome." })

export const stopping = () => new NoLeader({ detail: "This node is stopping. Nothing was done." })
