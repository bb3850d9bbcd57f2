/**
 * No client believes in its lease for longer than the part of the TTL that is its own, counted from when its latest
 * renewal was stamped: it counts from when it sent it, which is earlier. Told by real time and the rate of its clock.
 */
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { Settled } from "../../lock/LockReply.ts"
import type { Rules } from "./Rules.ts"

export interface Belief {
  readonly client: string
  readonly token: number
  readonly ttlMillis: number
  /** How fast its clock runs. */
  readonly rate: number
  /** Whether it takes the lock for held, and has it in use. */
  readonly isHeld: () => boolean
}

/** What the client's library promises (docs/semantics.md): the rest of the TTL is for clocks that differ. */
const ownPart = 0.9

/** Timers go by whole milliseconds. */
const roundingMillis = 2

export class Beliefs {
  readonly #rules: Rules
  readonly #now: () => number
  readonly #present = new Set<Belief>()
  readonly #renewedAt = new Map<string, number>()
  readonly #askedBy = new Map<string, string>()
  readonly #sessionOf = new Map<number, string>()

  constructor(rules: Rules, now: () => number) {
    this.#rules = rules
    this.#now = now
  }

  begin(belief: Belief): () => void {
    this.#present.add(belief)
    return () => this.#present.delete(belief)
  }

  /** These commands are committed, in an entry that was stamped at this time, and so answered. */
  committed(commands: ReadonlyArray<LockCommand>, settled: ReadonlyArray<Settled>, stampedAt: number): void {
    const replies = new Map(settled.map(({ reply, request }) => [request, reply._tag]))
    for (const command of commands) {
      if (command._tag === "Acquire") this.#askedBy.set(command.request, command.session)
      const isRenewal = command._tag === "OpenSession" || command._tag === "RenewSession"
      if (isRenewal && replies.get(command.request) !== "SessionExpired") {
        this.#renewedAt.set(command.session, stampedAt)
      }
    }
    for (const { reply, request } of settled) {
      const session = this.#askedBy.get(request)
      if (reply._tag === "Granted" && session !== undefined) this.#sessionOf.set(reply.token, session)
    }
  }

  look(): void {
    for (const { client, isHeld, rate, token, ttlMillis } of this.#present) {
      const renewedAt = this.#renewedAt.get(this.#sessionOf.get(token) ?? "")
      if (renewedAt === undefined || !isHeld()) continue
      const late = this.#now() - renewedAt - ownPart * ttlMillis / rate
      if (late <= roundingMillis) continue
      this.#rules.breaks(`${client} believes in token ${token} for ${Math.round(late)} ms longer than it may`)
    }
  }
}
