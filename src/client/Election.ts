/**
 * Leader election: whoever holds the lock of that name leads, and all others can see who does.
 *
 * A leader knows that it has lost before another can be elected, unless its process stands still, which is what its
 * token is for.
 */
import { Effect, type Exit, Stream } from "effect"
import type { WatchEvent } from "../api/Events.ts"
import type { Holder } from "../api/Problems.ts"
import type { AcquireError, AskError, NoNodeAnswers } from "./ClientErrors.ts"
import type { AcquireRequest } from "./engine/Acquisition.ts"
import type { Client } from "./engine/Client.ts"
import { acquireHeld, CurrentLock, lockOf, whileHeld } from "./Lock.ts"

/**
 * Who leads, as everybody may see it.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { type Leader, LockClient } from "holdfast"
 *
 * const show = (leader: Leader | null) => leader === null ? "nobody leads" : `${leader.label} leads: ${leader.value}`
 *
 * const program = Effect.gen(function*() {
 *   const { observe } = (yield* LockClient).elect("scheduler")
 *   yield* observe.pipe(Stream.take(1), Stream.runForEach((leader) => Effect.log(show(leader))))
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export interface Leader {
  /** Of its client. */
  readonly label: string
  /** Its fencing token: later leaders have greater ones. */
  readonly token: number
  /** What the leader said of itself when it stood for election. */
  readonly value: string | null
}

type Engine = Client["Service"]

/** Leads whenever elected: runs the effect then, and stands again when the lead is lost. Ends when the effect does. */
export const lead = <A, E, R>(
  client: Engine,
  request: AcquireRequest,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | AcquireError, Exclude<R, CurrentLock>> => {
  const term = Effect.scoped(Effect.flatMap(acquireHeld(client, request), (held) => {
    const led = Effect.provideService(effect, CurrentLock, lockOf(client, held))
    // The effect may have locks of its own to lose.
    return whileHeld([held], Effect.exit(led))
  }))
  type Term = Effect.Effect<Exit.Exit<A, E>, AcquireError, Exclude<R, CurrentLock>>
  const terms: Term = Effect.catchTag(term, "LockLost", () => Effect.suspend(() => terms)) as Term
  return Effect.flatMap(terms, (exit) => exit)
}

/** The leader now and each time that it is another; null while there is none. */
export const observe = (client: Engine, name: string): Stream.Stream<Leader | null, AskError | NoNodeAnswers> =>
  client.watch(name).pipe(
    Stream.filter((event) => isAbout(event, name)),
    Stream.mapEffect(() => Effect.map(client.look(name), ({ holders }) => leaderOf(holders[0]))),
    Stream.changesWith((one, other) => one?.token === other?.token)
  )

/** What may have made another leader: a watch begins by saying where it does, and may have missed something. */
const isAbout = (event: WatchEvent, name: string): boolean => {
  switch (event.event) {
    case "at":
    case "gap":
      return true
    case "granted":
    case "released":
    case "expired":
      return event.data.name === name
    default:
      return false
  }
}

const leaderOf = (holder: Holder | undefined): Leader | null =>
  holder === undefined ? null : { label: holder.label, token: holder.token, value: holder.value ?? null }
