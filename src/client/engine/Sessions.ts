/**
 * The sessions of one client: one for each TTL that is used, and more only while thousands of acquires wait at once,
 * because the cluster keeps a bounded number of outcomes for a session.
 */
import type { Effect } from "effect"
import { ClientSession } from "./ClientSession.ts"
import { Endings } from "./Endings.ts"
import type { Engine } from "./Engine.ts"

export interface SessionsOptions {
  readonly engine: Engine
  readonly label: string
  readonly fork: (effect: Effect.Effect<void>) => () => void
}

export class Sessions {
  readonly #options: SessionsOptions
  readonly #byTtl = new Map<number, Array<ClientSession>>()

  /** Given up, and perhaps not by the cluster. */
  #ended: Array<ClientSession> = []
  readonly endings = new Endings()

  isClosed = false

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /** One that takes acquires: for an owner that was named, the one in which it holds the lock or waits for it. */
  of(ttlMillis: number, name: string, owner: string | null): ClientSession {
    const all = this.#byTtl.get(ttlMillis) ?? []
    const living = all.filter(({ hasEnded }) => !hasEnded)
    const own = owner === null ? undefined : living.find((session) => session.hasClaim(name, owner))
    const usable = own ?? living.find(({ isUsable }) => isUsable)
    if (usable !== undefined) return usable
    this.#ended = [...this.#ended, ...all].filter(({ isInTheWay }) => isInTheWay)
    const session = new ClientSession({ ...this.#options, endings: this.endings, ttlMillis })
    this.#byTtl.set(ttlMillis, [...living, session])
    return session
  }

  /** Gives all of them back. Calls `done` when that is done or cannot be done any more. */
  close(done: () => void): void {
    this.isClosed = true
    const all = [...this.#byTtl.values(), this.#ended].flat()
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
