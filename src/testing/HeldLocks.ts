/**
 * The locks that a client for tests holds, so that a test can take one away at a moment of its choice: the cluster ends
 * the session, and the client knows it at once, as if it had just been told.
 */
import { Effect, Scheduler } from "effect"
import type { SessionId } from "../api/Fields.ts"
import type { Client } from "../client/engine/Client.ts"
import type { HeldLock } from "../client/engine/HeldLock.ts"

export class HeldLocks {
  readonly #endSession: (session: SessionId) => void
  readonly #locks = new Map<string, Set<HeldLock>>()

  /** Ends a session in the cluster, at once. */
  constructor(endSession: (session: SessionId) => void) {
    this.#endSession = endSession
  }

  /** The client, which tells of each lock that it is granted. */
  watching(client: Client["Service"]): Client["Service"] {
    return {
      ...client,
      acquire: (request, restore) =>
        Effect.tap(client.acquire(request, restore), (held) => Effect.sync(() => this.#note(held)))
    }
  }

  #note(held: HeldLock): void {
    const locks = this.#locks.get(held.name) ?? new Set()
    this.#locks.set(held.name, locks.add(held))
  }

  /** Those that are held now. */
  of(name: string): ReadonlyArray<HeldLock> {
    const locks = this.#locks.get(name) ?? new Set()
    for (const held of locks) if (held.loss !== null) locks.delete(held)
    return [...locks]
  }

  /** Lost by the client before the cluster can give it to anybody else. Returns whether there was one. */
  lose(name: string): boolean {
    const held = this.of(name)
    for (const { facts: { session } } of held) {
      const { id } = session
      session.expired()
      if (id !== null) this.#endSession(id)
    }
    return held.length > 0
  }

  /**
   * Runs an effect and loses the lock at the n-th of its awaits under the lock: the n-th time that one of its fibers
   * begins, or goes on after it had to wait for anything.
   */
  losingAtAwait<A, E, R>(name: string, nth: number, effect: Effect.Effect<A, E, R>) {
    return Effect.gen({ self: this }, function*() {
      const scheduler = yield* Scheduler.Scheduler
      let awaits = 0
      const counting: Scheduler.Scheduler = {
        executionMode: scheduler.executionMode,
        makeDispatcher: () => scheduler.makeDispatcher(),
        shouldYield: (fiber) => {
          if (fiber.currentOpCount === 1 && this.of(name).length > 0) {
            awaits += 1
            if (awaits === nth) this.lose(name)
          }
          return scheduler.shouldYield(fiber)
        }
      }
      const exit = yield* Effect.exit(Effect.provideService(effect, Scheduler.Scheduler, counting))
      return { exit, isLost: awaits >= nth }
    })
  }
}
