/**
 * The timers of one node, by its own clock: elections, heartbeats, checks of the quorum, and the tick that moves the
 * replicated clock when nothing else does. A timer of an earlier life or role comes to nothing.
 */
import type { Term } from "../../raft/Entry.ts"
import { Event } from "../../raft/Event.ts"
import type { Rng } from "../Rng.ts"
import type { Timings } from "../Scenario.ts"

/** What the timers need of their node. */
export interface Ticking {
  readonly offer: (event: Event) => void
  readonly tickDue: () => void
  readonly leads: (term: Term) => boolean
  /** Runs it after so long by the node's clock, unless its life is over by then. */
  readonly later: (millis: number, run: () => void) => void
}

export class Timers {
  readonly #node: Ticking
  readonly #timings: Timings
  readonly #rng: Rng
  /** When the tick is due on the node's clock. Each setting that counts voids the one before. */
  #tickAt = Infinity
  #settings = 0

  constructor(node: Ticking, timings: Timings, rng: Rng) {
    this.#node = node
    this.#timings = timings
    this.#rng = rng
  }

  armElection(arming: number, after: "timeout" | "lost-leader"): void {
    const { electionMillisMax, electionMillisMin, lostLeaderMillisMax, lostLeaderMillisMin } = this.#timings
    const timeout = after === "timeout"
      ? this.#rng.between(electionMillisMin, electionMillisMax)
      : this.#rng.between(lostLeaderMillisMin, lostLeaderMillisMax)
    this.#node.later(electionMillisMin, () => this.#node.offer(Event.LeaderSilent({ arming })))
    this.#node.later(timeout, () => this.#node.offer(Event.ElectionTimedOut({ arming })))
  }

  lead(term: Term): void {
    this.#every(term, this.#timings.heartbeatMillis, Event.HeartbeatDue({ term }))
    this.#every(term, this.#timings.electionMillisMin, Event.QuorumCheckDue({ term }))
  }

  /** Infinity is never. One that is set for earlier stays: it is looked at when it is due. */
  setTick(now: number, at: number): void {
    if (at !== Infinity && this.#tickAt <= at) return
    this.#tickAt = at
    const setting = this.#settings += 1
    if (at === Infinity) return
    this.#node.later(Math.max(0.01, at - now), () => {
      if (this.#settings !== setting) return
      this.#tickAt = Infinity
      this.#node.tickDue()
    })
  }

  #every(term: Term, millis: number, event: Event): void {
    this.#node.later(millis, () => {
      if (!this.#node.leads(term)) return
      this.#node.offer(event)
      this.#every(term, millis, event)
    })
  }
}
