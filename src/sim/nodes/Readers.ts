/**
 * Looks at locks at whichever node, again and again: at whoever believes to lead, from its first moment on, and at one
 * of the others, which passes the question on.
 */
import { Clock, Effect } from "effect"
import { pickAt } from "../Fault.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { NodeHost } from "./NodeHost.ts"
import type { NodeTally } from "./NodeTally.ts"
import type { Oracle } from "./Oracle.ts"

export class Readers {
  readonly #cluster: NodeCluster
  readonly #oracle: Oracle
  readonly #scenario: Scenario
  readonly #tally: NodeTally
  readonly #rng: Rng
  #waitMillis = 0

  constructor(cluster: NodeCluster, oracle: Oracle, scenario: Scenario, tally: NodeTally, rng: Rng) {
    this.#cluster = cluster
    this.#oracle = oracle
    this.#scenario = scenario
    this.#tally = tally
    this.#rng = rng
  }

  /** So much time has passed. */
  pass(millis: number): Effect.Effect<void> {
    this.#waitMillis -= millis
    // A look can move the replicated clock: when all is well, that is for the leader alone to do.
    if (this.#waitMillis > 0 || this.#cluster.isOver) return Effect.void
    this.#waitMillis = this.#scenario.readMillis * (0.5 + this.#rng.next())
    const up = this.#cluster.hosts.filter(({ running }) => running !== undefined)
    if (up.length === 0) return Effect.void
    const other = pickAt(up, this.#rng.next())
    return Effect.forEach(up, (host) => this.#lookIfLeading(host, host === other), { discard: true })
  }

  #lookIfLeading(host: NodeHost, isWanted: boolean): Effect.Effect<void> {
    const { running } = host
    if (running === undefined) return Effect.void
    return Effect.flatMap(running.node.status, ({ role }) => {
      const isAsked = isWanted || role === "Leader"
      return isAsked ? Effect.asVoid(this.#cluster.beside(this.#look(host))) : Effect.void
    })
  }

  #look(host: NodeHost): Effect.Effect<void> {
    const lock = `lock${this.#rng.between(1, this.#scenario.clients.locks)}`
    const since = this.#oracle.length
    const asked = host.running?.locks.get(lock, "linearizable") ?? Effect.never
    return asked.pipe(
      Effect.map((view) => {
        this.#tally.looks += 1
        this.#oracle.seen(lock, view, since)
      }),
      // A node that falls may leave it unanswered, or have nothing to say.
      Effect.ignoreCause,
      Effect.provideService(Clock.Clock, host.clock.clock)
    )
  }
}
