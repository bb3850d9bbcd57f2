/**
 * Whoever runs the cluster: adds and removes nodes and hands leadership over at random, and gives every node that
 * has been removed an empty disk, on which it may ask to be let in again.
 */
import { Event } from "../../raft/Event.ts"
import { isRemoved } from "../../raft/RaftState.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import type { Network } from "./Network.ts"
import type { SimNode } from "./SimNode.ts"
import { isWhole, mayLose } from "./wipes.ts"
import type { World } from "./World.ts"

export class Operator {
  /** Removed nodes that were told so, by the log or by a peer. */
  removals = 0
  #isOver = false
  #removedAt = -Infinity
  readonly #world: World
  readonly #network: Network
  readonly #scenario: Scenario
  readonly #schedule: Schedule
  readonly #rng: Rng

  constructor(
    context: {
      readonly world: World
      readonly network: Network
      readonly scenario: Scenario
      readonly schedule: Schedule
      readonly rng: Rng
    }
  ) {
    this.#world = context.world
    this.#network = context.network
    this.#scenario = context.scenario
    this.#schedule = context.schedule
    this.#rng = context.rng
  }

  begin(): void {
    if (this.#scenario.changeMillis === 0) return
    this.#schedule.after(this.#scenario.changeMillis * (0.5 + this.#rng.next()), () => {
      if (this.#isOver) return
      const event = this.#change()
      for (const node of this.#world.nodes) if (node.isLeader) node.offer(event)
      this.begin()
    })
  }

  /** From now on nobody is removed; who asks to be let in shall be. */
  end(): void {
    this.#isOver = true
  }

  /** Not before it has done what the turn asks for. */
  turned({ id, life, state }: SimNode): void {
    if (!state || !isRemoved(state)) return
    this.#schedule.after(this.#rng.next(), () => {
      const node = this.#world.nodes.find((other) => other.id === id)
      if (node?.life === life) this.removed(node)
    })
  }

  /** A removed node stops; it comes back on an empty disk as soon as that harms nobody. */
  removed(node: SimNode): void {
    if (!node.isUp || !mayLose(this.#world, node)) return
    this.removals += 1
    node.wipe()
    node.members = []
    node.asks = this.#isOver || this.#rng.chance(0.7)
    this.#network.crashed(node)
    this.#schedule.after(this.#rng.between(1, this.#scenario.restartMillisMax), () => node.start())
  }

  /** A paused leader may take this long to hear of it. */
  isRemoving(): boolean {
    return this.#schedule.now < this.#removedAt + 1000
  }

  #change(): Event {
    const { id: nodeId } = this.#rng.pick(this.#world.nodes)
    switch (this.#rng.pick(["add", "remove", "remove", "transfer"] as const)) {
      case "add":
        return Event.ChangeRequested({ change: { _tag: "AddLearner", nodeId, raft: `${nodeId}:9081` } })
      case "remove":
        // To have lost one disk and to give up another could be too many.
        if (!isWhole(this.#world, nodeId)) return Event.TransferRequested({ to: nodeId })
        this.#removedAt = this.#schedule.now
        return Event.ChangeRequested({ change: { _tag: "Remove", nodeId } })
      case "transfer":
        return Event.TransferRequested({ to: this.#rng.chance(0.3) ? null : nodeId })
    }
  }
}
