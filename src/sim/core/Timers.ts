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
  /** The node's own clock, which is not set back with the one that leases go by. */
  readonly now: () => number
  /** Runs it after so long by the node's clock, unless its life is over by then. */
  readonly later: (millis: number, run: () => void) => void
}

export class Timers {
  readonly #node: Ticking
  readonly #timings: Timings
  readonly #rng: Rng
  readonly #silent: Alarm
  readonly #timeout: Alarm
  readonly #tick: Alarm
  #arming = 0

  constructor(node: Ticking, timings: Timings, rng: Rng) {
    this.#node = node
    this.#timings = timings
    this.#rng = rng
    this.#silent = new Alarm(node, () => node.offer(Event.LeaderSilent({ arming: this.#arming })))
    this.#timeout = new Alarm(node, () => node.offer(Event.ElectionTimedOut({ arming: this.#arming })))
    this.#tick = new Alarm(node, () => node.tickDue())
  }

  /** A node starts: whatever was set was of another life. */
  restart(): void {
    for (const alarm of [this.#silent, this.#timeout, this.#tick]) alarm.forget()
  }

  armElection(arming: number, after: "timeout" | "lost-leader"): void {
    const { electionMillisMax, electionMillisMin, lostLeaderMillisMax, lostLeaderMillisMin } = this.#timings
    const timeout = after === "timeout"
      ? this.#rng.between(electionMillisMin, electionMillisMax)
      : this.#rng.between(lostLeaderMillisMin, lostLeaderMillisMax)
    // Now and then a timer that was armed before fires all the same: the core must take it for stale.
    if (this.#rng.chance(0.05)) {
      this.#node.later(electionMillisMin, () => this.#node.offer(Event.ElectionTimedOut({ arming })))
    }
    this.#arming = arming
    this.#silent.set(electionMillisMin)
    this.#timeout.set(timeout)
  }

  lead(term: Term): void {
    this.#every(term, this.#timings.heartbeatMillis, Event.HeartbeatDue({ term }))
    this.#every(term, this.#timings.electionMillisMin, Event.QuorumCheckDue({ term }))
  }

  /** After so long; Infinity is never. */
  setTick(millis: number): void {
    this.#tick.set(millis)
  }

  #every(term: Term, millis: number, event: Event): void {
    this.#node.later(millis, () => {
      if (!this.#node.leads(term)) return
      this.#node.offer(event)
      this.#every(term, millis, event)
    })
  }
}

/** A timer that is set anew far more often than it fires: it looks at the clock when an earlier setting is due. */
class Alarm {
  readonly #node: Ticking
  readonly #fire: () => void
  #dueAt = Infinity
  /** When it looks next; each look that is set voids those before. */
  #looksAt = Infinity
  #looks = 0

  constructor(node: Ticking, fire: () => void) {
    this.#node = node
    this.#fire = fire
  }

  set(millis: number): void {
    this.#dueAt = this.#node.now() + millis
    if (this.#dueAt < this.#looksAt) this.#look(millis)
  }

  forget(): void {
    this.#dueAt = Infinity
    this.#looksAt = Infinity
    this.#looks += 1
  }

  #look(millis: number): void {
    const look = this.#looks += 1
    this.#looksAt = this.#node.now() + millis
    this.#node.later(Math.max(0.01, millis), () => {
      if (this.#looks !== look) return
      this.#looksAt = Infinity
      const left = this.#dueAt - this.#node.now()
      if (left > 0.001) {
        if (left < Infinity) this.#look(left)
        return
      }
      this.#dueAt = Infinity
      this.#fire()
    })
  }
}
