/**
 * Does to the nodes what the scenario says: they fall and rise, lose their disks, stand still; links are cut, disks
 * are slow or full, clocks go back. Two things it strikes when they happen and not at a time: a leader that has just
 * been elected, and a node that installs a snapshot.
 */
import type { Chronicle } from "../Chronicle.ts"
import { type Fault, pickAt, sideOf } from "../Fault.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import type { Network } from "./Network.ts"
import type { SimNode } from "./SimNode.ts"
import { mayWipe } from "./wipes.ts"
import type { World } from "./World.ts"

interface Context {
  readonly world: World
  readonly network: Network
  readonly scenario: Scenario
  readonly schedule: Schedule
  readonly rng: Rng
  readonly chronicle: Chronicle
}

export class Faults {
  crashes = 0
  wipes = 0
  cuts = 0
  pauses = 0
  stuckDisks = 0
  clockSteps = 0
  #isOver = false
  readonly #context: Context
  readonly #rng: Rng

  constructor(context: Context) {
    this.#context = context
    this.#rng = context.rng
  }

  begin(): void {
    const { scenario: { faults, startMillisMax }, schedule, world } = this.#context
    for (const node of world.nodes) schedule.after(this.#rng.next() * startMillisMax, () => node.start())
    for (const fault of faults) {
      schedule.after(fault.atMillis, () => {
        if (!this.#isOver) this.#strike(fault)
      })
    }
  }

  /** Mends everything; nothing more goes wrong. */
  end(): void {
    const { chronicle, network, world } = this.#context
    this.#isOver = true
    network.heal()
    network.isPerfect = true
    chronicle.note("heal", "everything is mended, and stays so")
    for (const node of world.nodes) {
      node.syncMillisMax = 1
      node.stuckUntil = 0
      node.pause(0)
      node.start()
    }
  }

  /** A leader that falls just as it begins leaves entries on a few disks only. */
  elected(node: SimNode): void {
    const { scenario: { delayMillisMax, huntsLeaders }, schedule } = this.#context
    if (!huntsLeaders || this.#isOver || !this.#rng.chance(0.6)) return
    schedule.after(this.#rng.next() * 3 * delayMillisMax, () => {
      if (this.#isOver) return
      if (this.#rng.chance(0.7)) this.#crash(node)
      else this.#partition(new Set([node]))
    })
  }

  /** A node that falls just as it installs a snapshot leaves the snapshot on its disk, and beside it the old log. */
  installing(node: SimNode): void {
    if (this.#isOver || !this.#rng.chance(this.#context.scenario.installCrashRate)) return
    this.#context.schedule.after(this.#rng.next() * node.syncMillisMax, () => {
      if (!this.#isOver) this.#crash(node)
    })
  }

  #strike(fault: Fault): void {
    const { nodes } = this.#context.world
    const one = pickAt(nodes, fault.node)
    const leader = nodes.find(({ isLeader }) => isLeader)
    switch (fault.kind) {
      case "crash":
        return this.#crash(one)
      case "crash-leader":
        return leader && this.#crash(leader)
      case "crash-all":
        return nodes.forEach((node) => this.#crash(node))
      case "pause":
        return this.#pause(one, fault.millis)
      case "pause-leader":
        return leader && this.#pause(leader, fault.millis)
      case "slow-disk":
      case "full-disk":
        return this.#stick(one, fault)
      case "clock-back":
        return this.#setBack(one, fault.millis)
      case "wipe":
        return this.#wipe(one)
      default:
        return this.#strikeLinks(fault, one, leader)
    }
  }

  #strikeLinks(fault: Fault, one: SimNode, leader: SimNode | undefined): void {
    const { network, world: { nodes } } = this.#context
    const sides = sideOf(nodes.length, fault)
    switch (fault.kind) {
      case "partition":
        return this.#partition(new Set(nodes.filter(({ at }) => sides[at])))
      case "isolate-leader":
        return leader && this.#partition(new Set([leader]))
      case "cut-link":
        return this.#cut([one], [pickAt(nodes, fault.other)], true)
      case "cut-one-way":
        return this.#cut([one], [pickAt(nodes, fault.other)], false)
      case "flap":
        return this.#flap(one, pickAt(nodes, fault.other), 6, fault.millis / 6)
      case "heal":
        this.#context.chronicle.note("heal", "all links are whole again")
        return network.heal()
      default:
        throw new Error(`no such fault: ${fault.kind}`)
    }
  }

  #crash(node: SimNode): void {
    if (!node.isUp) return
    this.crashes += 1
    this.#context.chronicle.note("crash", `${node.id} falls`, node.at)
    node.crash()
    this.#context.network.crashed(node)
    this.#restart(node)
  }

  #pause(node: SimNode, millis: number): void {
    this.pauses += 1
    this.#context.chronicle.note("pause", `${node.id} stands still for ${millis} ms`, node.at)
    node.pause(millis)
  }

  #stick(node: SimNode, { kind, millis }: Fault): void {
    this.stuckDisks += 1
    const words = kind === "full-disk" ? "is full" : "hangs"
    this.#context.chronicle.note("disk", `the disk of ${node.id} ${words} for ${millis} ms`, node.at)
    node.stuckUntil = this.#context.schedule.now + millis
  }

  #setBack(node: SimNode, millis: number): void {
    this.clockSteps += 1
    this.#context.chronicle.note("clock", `the clock of ${node.id} goes back by ${millis} ms`, node.at)
    node.setClockBack(millis)
  }

  #wipe(node: SimNode): void {
    const { chronicle, network, world } = this.#context
    if (!mayWipe(world, node)) return
    this.wipes += 1
    chronicle.note("wipe", `${node.id} loses its disk`, node.at)
    node.wipe()
    // Most of them are told to rejoin, once there is something to rejoin.
    node.asks = world.committed.length > 0 && this.#rng.chance(0.8)
    if (node.asks) node.members = []
    network.crashed(node)
    this.#restart(node)
  }

  #restart(node: SimNode): void {
    const { chronicle, scenario: { restartMillisMax }, schedule } = this.#context
    schedule.after(this.#rng.between(1, restartMillisMax), () => {
      if (!node.isUp) chronicle.note("start", `${node.id} is back`, node.at)
      node.start()
    })
  }

  #partition(side: ReadonlySet<SimNode>): void {
    const others = this.#context.world.nodes.filter((node) => !side.has(node))
    if (side.size > 0 && others.length > 0) this.#cut([...side], others, true)
  }

  #cut(some: ReadonlyArray<SimNode>, others: ReadonlyArray<SimNode>, bothWays: boolean): void {
    const { chronicle, network } = this.#context
    if (some.length === 1 && others.length === 1 && some[0] === others[0]) return
    for (const a of some) {
      for (const b of others) {
        if (a === b) continue
        this.cuts += 1
        network.cut(a, b)
        if (bothWays) network.cut(b, a)
      }
    }
    const names = (nodes: ReadonlyArray<SimNode>) => nodes.map(({ id }) => id).join(" ")
    chronicle.note("cut", `${names(some)} ${bothWays ? "|" : "cannot reach"} ${names(others)}`)
  }

  /** A link that comes and goes. */
  #flap(a: SimNode, b: SimNode, times: number, millis: number): void {
    if (times === 0 || this.#isOver || a === b) return
    const { network, schedule } = this.#context
    if (times % 2 === 0) this.#cut([a], [b], true)
    else {
      network.mend(a, b)
      this.#context.chronicle.note("heal", `${a.id} and ${b.id} reach each other again`)
    }
    schedule.after(millis, () => this.#flap(a, b, times - 1, millis))
  }
}
