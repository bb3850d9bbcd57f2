/**
 * Draws one fault after the other: nodes fall and rise, lose their disks, stand still; links are cut.
 */
import type { Network } from "./Network.ts"
import type { FaultKind, Options } from "./Options.ts"
import type { Rng } from "./Rng.ts"
import type { Schedule } from "./Schedule.ts"
import type { SimNode } from "./SimNode.ts"
import { mayWipe } from "./wipes.ts"
import type { World } from "./World.ts"

export class Faults {
  crashes = 0
  wipes = 0
  cuts = 0
  pauses = 0
  #isOver = false
  readonly #world: World
  readonly #network: Network
  readonly #options: Options
  readonly #schedule: Schedule
  readonly #rng: Rng

  constructor(
    context: {
      readonly world: World
      readonly network: Network
      readonly options: Options
      readonly schedule: Schedule
      readonly rng: Rng
    }
  ) {
    this.#world = context.world
    this.#network = context.network
    this.#options = context.options
    this.#schedule = context.schedule
    this.#rng = context.rng
  }

  begin(): void {
    for (const node of this.#world.nodes) {
      this.#schedule.after(this.#rng.next() * this.#options.startMillisMax, () => node.start())
    }
    this.#next()
  }

  /** Mends everything; nothing more goes wrong. */
  end(): void {
    this.#isOver = true
    this.#network.heal()
    this.#network.isPerfect = true
    for (const node of this.#world.nodes) {
      node.syncMillisMax = 1
      node.pause(0)
      node.start()
    }
  }

  /** A leader that falls just as it begins leaves entries on a few disks only. */
  elected(node: SimNode): void {
    if (!this.#options.huntsLeaders || !this.#rng.chance(0.6)) return
    this.#schedule.after(this.#rng.next() * 3 * this.#options.delayMillisMax, () => {
      if (this.#isOver) return
      if (this.#rng.chance(0.7)) this.#crash(node)
      else this.#partition(new Set([node]))
    })
  }

  /** A node that falls just as it installs a snapshot leaves the snapshot on its disk, and beside it the old log. */
  installing(node: SimNode): void {
    if (!this.#rng.chance(this.#options.installCrashRate)) return
    this.#schedule.after(this.#rng.next() * node.syncMillisMax, () => {
      if (!this.#isOver) this.#crash(node)
    })
  }

  #next(): void {
    this.#schedule.after(this.#rng.next() * this.#options.faultMillisMax, () => {
      if (this.#isOver) return
      this.#strike(this.#rng.pick(this.#options.faults))
      this.#next()
    })
  }

  #strike(kind: FaultKind): void {
    const { nodes } = this.#world
    const one = this.#rng.pick(nodes)
    const leader = nodes.find(({ isLeader }) => isLeader)
    switch (kind) {
      case "crash":
        return this.#crash(one)
      case "crash-leader":
        return leader && this.#crash(leader)
      case "partition":
        return this.#partition(new Set(nodes.filter(() => this.#rng.chance(0.5))))
      case "isolate-leader":
        return leader && this.#partition(new Set([leader]))
      case "cut-link":
        return this.#cut(one, this.#rng.pick(nodes), true)
      case "cut-one-way":
        return this.#cut(one, this.#rng.pick(nodes), false)
      case "heal":
        return this.#network.heal()
      case "pause":
        this.pauses += 1
        return one.pause(this.#rng.between(50, 600))
      case "wipe":
        return this.#wipe(one)
    }
  }

  #crash(node: SimNode): void {
    if (!node.isUp) return
    this.crashes += 1
    node.crash()
    this.#network.crashed(node)
    this.#restart(node)
  }

  #wipe(node: SimNode): void {
    if (!mayWipe(this.#world, node)) return
    this.wipes += 1
    node.wipe()
    // Half of them are told to rejoin, once there is something to rejoin.
    node.asks = this.#options.changeMillis > 0 && this.#world.committed.length > 0 && this.#rng.chance(0.5)
    if (node.asks) node.members = []
    this.#network.crashed(node)
    this.#restart(node)
  }

  #restart(node: SimNode): void {
    this.#schedule.after(this.#rng.between(1, this.#options.restartMillisMax), () => node.start())
  }

  #partition(side: ReadonlySet<SimNode>): void {
    for (const a of side) {
      for (const b of this.#world.nodes) if (!side.has(b)) this.#cut(a, b, true)
    }
  }

  #cut(a: SimNode, b: SimNode, bothWays: boolean): void {
    if (a === b) return
    this.cuts += 1
    this.#network.cut(a, b)
    if (bothWays) this.#network.cut(b, a)
  }
}
