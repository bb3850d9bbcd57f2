/**
 * The specification of the lock service, as a program that can be run: one thing happens after another, and time is
 * what each log entry says it is.
 *
 * It is written to be read, and to be compared with. It imports nothing of the product, searches from end to end what
 * the product has indexes for, and keeps no more than it needs. `docs/semantics.md` walks through it.
 */
import { acquire } from "./Acquiring.ts"
import { endWhatIsDue, mortals } from "./Ends.ts"
import { checkToken, viewLock, viewSessions } from "./Facts.ts"
import { heldBack, wake, wakeHeldBack } from "./Grants.ts"
import { abandon, release } from "./Releasing.ts"
import { end, open, renew } from "./Sessions.ts"
import type { State } from "./State.ts"
import type { Command, LockView, SessionView, Settled } from "./Words.ts"

/** What is left of another cluster's state in one that is made from its backup. */
export interface Restored {
  readonly time: number
  readonly lastToken: number
  /** Whoever held by the backup may believe so until then, and nothing is granted before. */
  readonly grantsAfter: number
}

export class LockSpec {
  readonly #state: State

  /** A new cluster, or one that was made from a backup: no session, no lock. */
  constructor({ grantsAfter, lastToken, time }: Restored = { time: 0, lastToken: 0, grantsAfter: 0 }) {
    const nothing = { births: 0, sessions: new Map(), locks: new Map(), left: [], settled: [] }
    this.#state = { time, lastToken, grantsAfter, ...nothing }
  }

  /**
   * One log entry. Time moves first, and never back; all that is due ends; what can be granted is; then each command is
   * done, and what can be granted after it is. Returns every answer that is given now, in order.
   */
  apply(time: number, commands: ReadonlyArray<Command>): ReadonlyArray<Settled> {
    const state = this.#state
    state.settled = []
    state.time = Math.max(state.time, time)
    endWhatIsDue(state)
    wake(state)
    wakeHeldBack(state)
    for (const command of commands) {
      perform(state, command)
      wake(state)
    }
    return state.settled
  }

  get time(): number {
    return this.#state.time
  }

  get lastToken(): number {
    return this.#state.lastToken
  }

  get hasSessions(): boolean {
    return this.#state.sessions.size > 0
  }

  /** The earliest time at which an entry, be it empty, would change something. */
  nextDeadline(): number | undefined {
    const { grantsAfter, time } = this.#state
    const grants = heldBack(this.#state).length > 0 ? Math.max(grantsAfter, time + 1) : Infinity
    const next = Math.min(grants, ...mortals(this.#state).map(({ deadline }) => deadline + 1))
    return next === Infinity ? undefined : next
  }

  lock(name: string, now = this.time): LockView {
    return viewLock(this.#state, name, now)
  }

  /** Of all locks that anybody has to do with, in no promised order. */
  lockNames(): ReadonlyArray<string> {
    return [...this.#state.locks.keys()]
  }

  /** In order of their creation. */
  sessions(now = this.time): ReadonlyArray<SessionView> {
    return viewSessions(this.#state, now)
  }

  check(name: string, token: number): boolean {
    return checkToken(this.#state, name, token)
  }
}

const perform = (state: State, command: Command): void => {
  switch (command._tag) {
    case "OpenSession":
      return open(state, command)
    case "RenewSession":
      return renew(state, command)
    case "EndSession":
      return end(state, command)
    case "Acquire":
      return acquire(state, command)
    case "Release":
      return release(state, command)
    case "Abandon":
      return abandon(state, command)
    case "Tick":
      // Time has moved already.
      break
  }
}
