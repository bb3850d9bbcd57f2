/**
 * Locks that are held, and clients that wait for them in one queue for each. It waits for nothing but its own turn, and
 * throws where anybody is refused.
 */
import { Effect } from "effect"
import type { SessionId } from "../../src/api/Fields.ts"
import type { Operation } from "../../src/api/rpc/Conversation.ts"
import * as Sessions from "./Sessions.ts"
import type * as Talk from "./Talk.ts"

export interface Length {
  readonly waiters: number
  readonly locks: number
  readonly sessions: number
}

export class WaitingLine {
  readonly #talk: Talk.Talk
  readonly #options: Length
  #sessions: ReadonlyArray<SessionId> = []
  readonly #held: Array<{ readonly answer: Granted; readonly n: number }> = []
  #isDraining = false
  #released = 0
  #outgoing: Array<{ readonly session: SessionId; readonly operation: (id: number) => Operation }> = []

  constructor(talk: Talk.Talk, options: Length) {
    this.#talk = talk
    this.#options = options
  }

  /**
   * Waiter n wants lock n modulo the locks; those of the first round get them. `queued` waits until so many wait: what
   * is asked in one go must find room in the leader's inbox.
   */
  fill(queued: (count: number) => Effect.Effect<void>): Effect.Effect<void> {
    const { locks, sessions, waiters } = this.#options
    return Effect.gen({ self: this }, function*() {
      this.#sessions = yield* Sessions.open(this.#talk, sessions, Sessions.endlessMillis)
      for (let from = 0; from < locks + waiters; from += batch) {
        const some = Array.from({ length: Math.min(batch, locks + waiters - from) }, (_, at) => from + at)
        yield* this.#talk.tell(
          (id) => some.map((n) => ({ session: this.#sessionOf(n), operations: [this.#acquire(id(), n)] })),
          (answer, at) => this.#heard(answer, from + at)
        )
        const asked = from + some.length
        if (asked % roomFor === 0 || asked === locks + waiters) yield* queued(asked - locks)
      }
    })
  }

  /** Gives back what is held, and what is got for it, until nobody waits. Hand-overs in a second. */
  get drain(): Effect.Effect<number> {
    const { locks, waiters } = this.#options
    return Effect.gen({ self: this }, function*() {
      const since = performance.now()
      this.#isDraining = true
      for (const { answer, n } of this.#held.splice(0)) this.#release(answer, n)
      while (this.#released < locks + waiters) {
        const going = this.#outgoing.splice(0)
        if (going.length === 0) {
          yield* Effect.sleep(1)
          continue
        }
        yield* this.#talk.tell(
          (id) => going.map(({ operation, session }) => ({ session, operations: [operation(id())] })),
          ({ _tag }) => {
            if (_tag !== "Released") throw new Error(`a lock was not given back, but ${_tag}`)
            this.#released++
          }
        )
      }
      return waiters / ((performance.now() - since) / 1000)
    })
  }

  #heard(answer: { readonly _tag: string }, n: number): void {
    if (answer._tag !== "Granted") throw new Error(`a waiter was refused: ${JSON.stringify(answer)}`)
    if (this.#isDraining) this.#release(answer as Granted, n)
    else this.#held.push({ answer: answer as Granted, n })
  }

  #release({ token }: Granted, n: number): void {
    const operation = (id: number): Operation => ({ _tag: "Release", id, ...this.#placeOf(n, 1), token })
    this.#outgoing.push({ session: this.#sessionOf(n), operation })
  }

  #acquire(id: number, n: number): Operation {
    return { _tag: "Acquire", id, ...this.#placeOf(n, 0), waitMs: 3_600_000 }
  }

  /** Of each session its waiters are counted up: an acquire has an odd `seq`, the release the one after it. */
  #placeOf(n: number, step: 0 | 1) {
    const { locks, sessions } = this.#options
    return { seq: 2 * Math.floor(n / sessions) + 1 + step, lock: `queue/${n % locks}`, owner: `${n}` }
  }

  #sessionOf(n: number): SessionId {
    return this.#sessions[n % this.#options.sessions]!
  }
}

interface Granted {
  readonly _tag: "Granted"
  readonly token: number
}

const batch = 1000
const roomFor = 8000
