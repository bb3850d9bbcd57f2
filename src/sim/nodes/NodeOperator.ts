/**
 * Whoever runs the cluster: removes nodes and hands leadership over, at random, by asking whichever node. It asks for
 * nothing that could leave too few disks.
 */
import { Effect } from "effect"
import type { AdminAsk } from "../../node/administration/AdminAsk.ts"
import { pickAt } from "../Fault.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { NodeHost } from "./NodeHost.ts"
import type { NodeTally } from "./NodeTally.ts"

export class NodeOperator {
  readonly #cluster: NodeCluster
  readonly #scenario: Scenario
  readonly #tally: NodeTally
  readonly #rng: Rng
  #waitMillis: number
  #isOver = false

  constructor(cluster: NodeCluster, scenario: Scenario, tally: NodeTally, rng: Rng) {
    this.#cluster = cluster
    this.#scenario = scenario
    this.#tally = tally
    this.#rng = rng
    this.#waitMillis = scenario.changeMillis
  }

  /** From now on nothing is changed any more. */
  end(): void {
    this.#isOver = true
  }

  /** So much time has passed. */
  pass(millis: number): Effect.Effect<void> {
    const { changeMillis } = this.#scenario
    this.#waitMillis -= millis
    if (changeMillis === 0 || this.#isOver || this.#waitMillis > 0) return Effect.void
    this.#waitMillis = changeMillis * (0.5 + this.#rng.next())
    const { hosts, up } = this.#cluster
    if (up.length === 0) return Effect.void
    const asked = pickAt(up, this.#rng.next())
    const ask = this.#ask(pickAt(hosts, this.#rng.next()))
    const isRemoval = ask._tag === "Change"
    if (isRemoval) this.#cluster.removing(false)
    const done = Effect.tap(asked.node.administer(ask), ({ _tag }) =>
      Effect.sync(() => {
        if (_tag === "Done") this.#tally.changes += 1
      }))
    const over = Effect.sync(() => {
      if (isRemoval) this.#cluster.removing(true)
    })
    // A node that falls may leave it unanswered.
    return this.#cluster.beside(Effect.andThen(Effect.ignoreCause(Effect.timeoutOption(done, answerMillisMax)), over))
  }

  #ask(host: NodeHost): AdminAsk {
    const isTransfer = this.#rng.chance(0.4)
    const { id: nodeId } = host
    // To have lost one disk and to give up another could be too many.
    if (isTransfer || !this.#cluster.mayRemove(host)) {
      return { _tag: "Transfer", to: this.#rng.chance(0.3) ? null : nodeId }
    }
    return { _tag: "Change", change: { _tag: "Remove", nodeId } }
  }
}

const answerMillisMax = 10_000
