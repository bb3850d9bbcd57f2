/**
 * The way of clients to nodes and back: requests and answers are late, lost or doubled. A client that hangs up tells
 * whichever node has its request.
 */
import type { RequestId } from "../../lock/Identifiers.ts"
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import type { Answer } from "./Desk.ts"
import type { SimNode } from "./SimNode.ts"

/** How an attempt of this request is taken back. */
export type Abandon = (attempt: RequestId) => (request: RequestId) => LockCommand

export interface Call {
  /** Takes back what the node has not answered yet. */
  readonly hangUp: (abandon: Abandon) => void
}

export class ClientLink {
  isPerfect = false
  readonly #scenario: Scenario
  readonly #schedule: Schedule
  readonly #rng: Rng

  constructor(scenario: Scenario, schedule: Schedule, rng: Rng) {
    this.#scenario = scenario
    this.#schedule = schedule
    this.#rng = rng
  }

  call(
    node: SimNode,
    make: (request: RequestId) => LockCommand,
    hear: (answer: Answer) => void,
    abandon: Abandon | undefined
  ): Call {
    const attempts: Array<{ readonly life: number; readonly request: RequestId }> = []
    const arrive = (): void => {
      const request = node.submit(make, (answer) => {
        const isHeard = this.#carry(() => hear(answer))
        if (!isHeard && request !== undefined && abandon !== undefined) this.#takeBack(node, abandon(request))
      })
      if (request !== undefined) attempts.push({ life: node.life, request })
    }
    this.#carry(arrive)
    if (!this.isPerfect && this.#rng.chance(this.#scenario.clients.duplicateRate)) this.#carry(arrive)
    return {
      hangUp: (abandon) =>
        this.#carry(() => {
          for (const { life, request } of attempts) if (life === node.life) node.hangUp(request, abandon(request))
        })
    }
  }

  /** The node may see, sooner or later, that its answer could not be written. Other attempts may have been told. */
  #takeBack(node: SimNode, make: (request: RequestId) => LockCommand): void {
    if (!this.#rng.chance(0.5)) return
    const { life } = node
    this.#schedule.after(this.#rng.next() * this.#scenario.clients.patienceMillis * 2, () => {
      if (node.life === life) node.submit(make, () => {})
    })
  }

  /** Whether it gets there. */
  #carry(run: () => void): boolean {
    const { clients: { lossRate }, delayMillisMax } = this.#scenario
    if (!this.isPerfect && this.#rng.chance(lossRate)) return false
    this.#schedule.after(this.#rng.next() * (this.isPerfect ? 2 : delayMillisMax), run)
    return true
  }
}
