/**
 * A lock in the hands of an Effect program, and effects that run while it is held.
 */
import { Context, Effect, type Scope } from "effect"
import type { AcquireError, LockLost } from "./ClientErrors.ts"
import type { AcquireRequest } from "./engine/Acquisition.ts"
import type { Client } from "./engine/Client.ts"
import type { HeldLock, LockState } from "./engine/HeldLock.ts"

/**
 * A lock that is held, until it is released or lost.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { type Lock, LockClient } from "holdfast"
 *
 * const write = Effect.fn(function*(lock: Lock, text: string) {
 *   yield* Effect.log(`writes ${text} with token ${yield* lock.token}`) // fails with LockLost once it is lost
 * })
 *
 * const program = Effect.gen(function*() {
 *   const lock = yield* (yield* LockClient).acquire("report", { wait: "10 seconds" })
 *   yield* write(lock, "the first half")
 *   yield* write(lock, "the second half")
 * }).pipe(Effect.scoped)
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export interface Lock {
  /** Of the lock, as it was acquired. */
  readonly name: string
  /** The fencing token: give it to whatever the lock protects. Later grants have greater ones. */
  readonly token: Effect.Effect<number, LockLost>
  /** `"jeopardy"` while a renewal is overdue: it is still held, and will be lost unless a node answers soon. */
  readonly state: Effect.Effect<LockState>
  /** Milliseconds for which it is held at least, if no renewal comes any more; each renewal makes it longer. */
  readonly leftMillis: Effect.Effect<number>
  /** Aborts when the lock is lost, with the `LockLost` as its reason; a release does not abort it. */
  readonly signal: AbortSignal
  /** Fails once the lock is lost or released. */
  readonly assertHeld: Effect.Effect<void, LockLost>
  /** Fails when the lock is lost. */
  readonly lost: Effect.Effect<never, LockLost>
  /** Gives the lock back. It may be called again, and never fails because the lock had expired. */
  readonly release: Effect.Effect<void>
}

/**
 * The lock that `withLock` or `lead` holds around an effect.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { CurrentLock, LockClient } from "holdfast"
 *
 * const work = Effect.gen(function*() {
 *   const { token } = yield* CurrentLock
 *   yield* Effect.log(`works with token ${yield* token}`)
 * })
 *
 * const program = Effect.gen(function*() {
 *   yield* (yield* LockClient).withLock("report")(work)
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export class CurrentLock extends Context.Service<CurrentLock, Lock>()("holdfast/CurrentLock") {}

type Engine = Client["Service"]

/** Held until the scope closes. */
export const acquireHeld = (
  client: Engine,
  request: AcquireRequest
): Effect.Effect<HeldLock, AcquireError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.tap(client.acquire(request, restore), (held) => Effect.addFinalizer(() => client.release(held)))
  )

/**
 * Runs an effect for as long as all the locks are held, and fails with the first `LockLost`: it is not begun when one
 * is lost already. What was done in a lock that is lost by the end was not all done under it, so that counts as lost
 * too.
 */
export const whileHeld = <A, E, R>(
  locks: ReadonlyArray<HeldLock>,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LockLost, R> => {
  const noneLost = Effect.forEach(locks, assertNotLost, { discard: true })
  return Effect.andThen(noneLost, Effect.raceAllFirst([Effect.tap(effect, () => noneLost), ...locks.map(lost)]))
}

const assertHeld = (held: HeldLock): Effect.Effect<void, LockLost> =>
  Effect.suspend(() => held.loss === null ? Effect.void : Effect.fail(held.loss))

/** A lock that its holder gave back is not lost. */
const assertNotLost = (held: HeldLock): Effect.Effect<void, LockLost> =>
  Effect.suspend(() => held.unwantedLoss === null ? Effect.void : Effect.fail(held.unwantedLoss))

const lost = (held: HeldLock): Effect.Effect<never, LockLost> =>
  Effect.callback((resume) => Effect.sync(held.onLost((loss) => resume(Effect.fail(loss)))))

export const lockOf = (client: Engine, held: HeldLock): Lock => ({
  name: held.name,
  token: Effect.as(assertHeld(held), held.facts.token),
  state: Effect.sync(() => held.state),
  leftMillis: Effect.sync(() => held.leftMillis),
  get signal() {
    return held.signal
  },
  assertHeld: assertHeld(held),
  lost: lost(held),
  release: client.release(held)
})
