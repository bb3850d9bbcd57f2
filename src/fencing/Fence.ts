/**
 * A fence around what lives in this process: it remembers the highest token that it has seen for each resource and
 * lets nobody pass with a lower one. Whoever comes with a higher token waits until those with lower ones are done, so
 * that nothing of an old holder happens after the first act of a new one.
 *
 * It forgets when the process ends: what outlives the process needs a fence where it is kept. It never lets a token
 * pass because it had to forget: a resource that is not remembered is held to the highest token that was forgotten.
 */
import { Deferred, Effect, Schema, type Scope } from "effect"

/**
 * A later token has been seen: whoever holds this one has lost the lock.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { makeFence, StaleToken } from "holdfast/fencing"
 *
 * const fence = makeFence()
 * const write = (token: number) => Effect.scoped(Effect.as(fence.enter("report", token), `written with ${token}`))
 * console.log(await Effect.runPromise(write(34)))
 * const refusal: unknown = await Effect.runPromise(write(33)).catch((error: unknown) => error)
 * if (refusal instanceof StaleToken) console.log(`${refusal.token} is older than ${refusal.highest}`)
 * ```
 */
export class StaleToken extends Schema.TaggedError<StaleToken>()("StaleToken", {
  /** What the fence is around. */
  resource: Schema.String,
  /** The token that was shown. */
  token: Schema.Int,
  /** The highest token seen. */
  highest: Schema.Int
}) {
  override get message() {
    return `token ${this.token} of ${this.resource} is out of date: ${this.highest} has been seen`
  }
}

/**
 * Lets nobody pass with a token lower than the highest that it has seen for a resource.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { type Fence, makeFence } from "holdfast/fencing"
 *
 * const save = (fence: Fence, token: number, text: string) =>
 *   Effect.scoped(Effect.andThen(fence.enter("report", token), Effect.log(`saves ${text}`)))
 * await Effect.runPromise(save(makeFence(), 33, "the new text"))
 * ```
 */
export interface Fence {
  /** Passes with this token, and stays inside until the scope closes. */
  readonly enter: (resource: string, token: number) => Effect.Effect<void, StaleToken, Scope.Scope>
}

/**
 * What a fence is made with.
 *
 * @example
 * ```ts
 * import { type FenceOptions, makeFence } from "holdfast/fencing"
 *
 * const options: FenceOptions = { resourcesMax: 1_000 }
 * console.log(typeof makeFence(options).enter)
 * ```
 */
export interface FenceOptions {
  /** How many resources are remembered; 100,000 unless you say so. */
  readonly resourcesMax?: number
}

interface Seen {
  highest: number
  /** Those inside, and how many of them have a token that is not the highest any more. */
  inside: number
  older: number
  readonly waiting: Set<Deferred.Deferred<void>>
}

/**
 * Makes a fence that has seen nothing yet.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { makeFence } from "holdfast/fencing"
 *
 * const fence = makeFence()
 * const write = (token: number, text: string) =>
 *   Effect.scoped(Effect.andThen(fence.enter("report", token), Effect.log(`writes ${text}`)))
 * await Effect.runPromise(write(33, "the new text"))
 * ```
 */
export const makeFence = ({ resourcesMax = 100_000 }: FenceOptions = {}): Fence => {
  const memory = new Memory(resourcesMax)

  /** Succeeds inside, and can be interrupted only while it waits. */
  const pass = (resource: string, token: number, restore: Restore): Effect.Effect<void, StaleToken> =>
    Effect.suspend(() => {
      const seen = memory.of(resource)
      if (token < seen.highest) return new StaleToken({ resource, token, highest: seen.highest })
      if (token > seen.highest) {
        seen.highest = token
        seen.older = seen.inside
      }
      if (seen.older === 0) {
        seen.inside++
        return Effect.void
      }
      const turn = Deferred.makeUnsafe<void>()
      seen.waiting.add(turn)
      return restore(Deferred.await(turn)).pipe(
        Effect.ensuring(Effect.sync(() => seen.waiting.delete(turn))),
        // A yet later token may have come meanwhile.
        Effect.andThen(pass(resource, token, restore))
      )
    })

  const leave = (resource: string, token: number) =>
    Effect.sync(() => {
      const seen = memory.of(resource)
      seen.inside--
      if (token < seen.highest) seen.older--
      if (seen.older > 0) return
      for (const turn of seen.waiting) Deferred.doneUnsafe(turn, Effect.void)
    })

  return {
    enter: (resource, token) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.andThen(pass(resource, token, restore), Effect.addFinalizer(() => leave(resource, token)))
      )
  }
}

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

class Memory {
  readonly #resourcesMax: number
  /** In the order of their last use. */
  readonly #resources = new Map<string, Seen>()
  /** The highest token of all resources that have been forgotten. */
  #forgotten = 0

  constructor(resourcesMax: number) {
    this.#resourcesMax = resourcesMax
  }

  of(resource: string): Seen {
    const seen = this.#resources.get(resource) ??
      { highest: this.#forgotten, inside: 0, older: 0, waiting: new Set() }
    this.#resources.delete(resource)
    this.#resources.set(resource, seen)
    if (this.#resources.size > this.#resourcesMax) this.#forgetOne(resource)
    return seen
  }

  /** The one that has been used least lately, and that nobody uses now. */
  #forgetOne(but: string): void {
    for (const [resource, { highest, inside, waiting }] of this.#resources) {
      if (inside > 0 || waiting.size > 0 || resource === but) continue
      this.#resources.delete(resource)
      this.#forgotten = Math.max(this.#forgotten, highest)
      return
    }
  }
}
