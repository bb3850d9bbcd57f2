/**
 * Lets go of whatever waits when a node stops. A change that is under way then has an outcome that
 * nobody can say; a read has done nothing, and neither has what comes later.
 *
 * It costs a request no more when very many wait. `change` and `read` run beside a fiber that waits for the end, which
 * is little beside a request over HTTP; who serves very many in one go uses `watch`, which costs a callback.
 */
import { Effect } from "effect"
import { NoLeader, OutcomeUnknown, type Unavailable } from "../../api/Problems.ts"

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

  change<A, E, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E | Unavailable, R> {
    return this.#until(change, stopped())
  }

  read<A, E, R>(read: Effect.Effect<A, E, R>): Effect.Effect<A, E | NoLeader, R> {
    return this.#until(read, stopping())
  }

  /** Calls `letGo` when the node stops; what is returned ends that. */
  watch(letGo: () => void): () => void {
    this.#waiting.add(letGo)
    return () => void this.#waiting.delete(letGo)
  }

  #until<A, E, F, R>(effect: Effect.Effect<A, E, R>, letGo: F): Effect.Effect<A, E | F | NoLeader, R> {
    return Effect.suspend((): Effect.Effect<A, E | F | NoLeader, R> =>
      this.#isDone ? Effect.fail(stopping()) : Effect.raceFirst(effect, this.#end(letGo))
    )
  }

  #end<F>(letGo: F): Effect.Effect<never, F> {
    return Effect.callback((resume) => {
      const end = () => resume(Effect.fail(letGo))
      this.#waiting.add(end)
      return Effect.sync(() => this.#waiting.delete(end))
    })
  }
}

export const stopped = () => new OutcomeUnknown({ detail: "This node stopped before it knew the outcome." })

export const stopping = () => new NoLeader({ detail: "This node is stopping. Nothing was done." })
