/**
 * The sessions of one client: one for each TTL that is used, and more only while thousands of acquires wait at once,
 * because the cluster keeps a bounded number of outcomes for a session.
 */
import type { Effect } from "effect"
import { ClientSession } from "./ClientSession.ts"
import type { Engine } from "./Engine.ts"

export interface SessionsOptions {
  readonly engine: Engine
  readonly label: string
  readonly fork: (effect: Effect.Effect<void>) => () => void
}

export class Sessions {
  readonly #options: SessionsOptions
  readonly #byTtl = new Map<number, Array<ClientSession>>()

  isClosed = false

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /** One that takes acquires: for an owner that was named, the one in which it holds the lock or waits for it. */
  of(ttlMillis: number, name: string, owner: string | null): ClientSession {
    const living = (this.#byTtl.get(ttlMillis) ?? []).filter(({ hasEnded }) => !hasEnded)
    const own = owner === null ? undefined : living.find((session) => session.hasClaim(name, owner))
    const usable = own ?? living.find(({ isUsable }) => isUsable)
    if (usable !== undefined) return usable
    const session = new ClientSession({ ...this.#options, ttlMillis })
    this.#byTtl.set(ttlMillis, [...living, session])
    return session
  }

  /** Gives all of them back. Calls `done` when that is done or cannot be done any more. */
  close(done: () => void): void {
    this.isClosed = true
    const all = [...this.#byTtl.values()].flat()
    let left = all.length
    if (left === 0) done()
    for (const session of all) {
      session.close(() => {
        left -= 1
        if (left === 0) done()
      })
    }
  }
}
