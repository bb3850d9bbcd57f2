/**
 * What a node does for its clients when it leads: it makes entries of their requests, stamps them with the replicated
 * clock, and ticks when nothing else moves that clock. The clock itself is the shell's own.
 */
import * as LeaderClock from "../../node/time/LeaderClock.ts"
import { Event } from "../../raft/Event.ts"
import * as RaftLog from "../../raft/RaftLog.ts"
import type { RaftState } from "../../raft/RaftState.ts"
import { andThen, type Step } from "../../raft/Step.ts"
import type { Timings } from "../Scenario.ts"
import type { Core } from "./Core.ts"
import { Desk } from "./Desk.ts"
import { encode, type Machine } from "./Machine.ts"
import type { Timers } from "./Timers.ts"

export class Leading {
  desk = new Desk("")
  isTickDue = false
  readonly #core: Core
  readonly #timings: Timings
  readonly #timers: Timers
  /** The node's own monotonic clock. */
  readonly #now: () => number
  #clock = LeaderClock.start(0, 0)
  /** When an entry was last proposed. */
  #movedAt = 0

  constructor(core: Core, timings: Timings, timers: Timers, now: () => number) {
    this.#core = core
    this.#timings = timings
    this.#timers = timers
    this.#now = now
  }

  get hasWork(): boolean {
    return this.isTickDue || !this.desk.isEmpty
  }

  /** A node starts, and knows of nobody's requests. */
  restart(prefix: string): void {
    this.desk = new Desk(prefix)
    this.isTickDue = false
    this.#clock = LeaderClock.start(0, this.#now())
  }

  /** A turn begins. */
  advance(): void {
    this.#clock = LeaderClock.advance(this.#clock, this.#now(), this.#timings.electionMillisMin)
  }

  /** A leadership that begins starts the replicated clock from its log. */
  changed(before: RaftState, after: RaftState): void {
    if (after.role._tag !== "Leader" || (before.role._tag === "Leader" && before.term === after.term)) return
    this.#clock = LeaderClock.start(RaftLog.lastTime(after.log), this.#now())
  }

  /** A leader makes one entry of all requests, or an empty one if a tick is due. */
  serve(stepped: Step, { table }: Machine): Step {
    const isTickDue = this.isTickDue
    this.isTickDue = false
    if (stepped[0].role._tag !== "Leader") {
      this.desk.refuse()
      return stepped
    }
    const isIdle = this.#now() - this.#movedAt >= this.#timings.clockTickMillis ||
      (table.nextDeadline() ?? Infinity) <= LeaderClock.stamp(this.#clock)
    if (this.desk.isEmpty && !(isTickDue && isIdle)) return stepped
    const isTick = this.desk.isEmpty
    const bytes = encode(this.desk.take())
    this.#movedAt = this.#now()
    return andThen(stepped, (state) => {
      const entry = { bytes, time: LeaderClock.stamp(this.#clock) }
      return this.#core.step(state, isTick ? Event.ClockMoved(entry) : Event.Proposed(entry))
    })
  }

  /** To the next deadline, and at the latest one tick after the last entry. */
  armTick(state: RaftState, { table }: Machine): void {
    const now = this.#now()
    const deadline = table.nextDeadline()
    if (state.role._tag !== "Leader" || (deadline === undefined && !table.hasSessions)) {
      return this.#timers.setTick(Infinity)
    }
    const latest = this.#movedAt + this.#timings.clockTickMillis
    const isDecided = RaftLog.lastTime(state.log) >= (deadline ?? Infinity)
    const due = deadline === undefined || isDecided ? latest : now + LeaderClock.millisUntil(this.#clock, deadline)
    this.#timers.setTick(Math.max(0, Math.min(latest, due) - now))
  }
}
