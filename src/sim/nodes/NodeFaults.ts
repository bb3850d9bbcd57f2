/**
 * Does to whole nodes what the scenario says. It is the same list of strikes that the core suffers; what one process
 * cannot suffer alone, such as to stand still, is done to its disk, which stops its turns.
 */
import { Effect } from "effect"
import type { Chronicle } from "../Chronicle.ts"
import { type Fault, pickAt, sideOf } from "../Fault.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { NodeHost } from "./NodeHost.ts"

export class NodeFaults {
  cuts = 0
  stuckDisks = 0
  clockSteps = 0
  readonly #cluster: NodeCluster
  readonly #scenario: Scenario
  readonly #rng: Rng
  readonly #chronicle: Chronicle

  constructor(cluster: NodeCluster, scenario: Scenario, rng: Rng, chronicle: Chronicle) {
    this.#cluster = cluster
    this.#scenario = scenario
    this.#rng = rng
    this.#chronicle = chronicle
    for (const host of cluster.hosts) host.disk.beginsSnapshot = Effect.suspend(() => this.#beginsSnapshot(host))
  }

  strike(fault: Fault): Effect.Effect<void> {
    return Effect.flatMap(this.#cluster.leader, (leader) => this.#strike(fault, leader))
  }

  /**
   * A leader that falls just as it begins leaves entries on a few disks only; and the very first one a founding that
   * nobody else has heard of.
   */
  elected(host: NodeHost, isFirst: boolean): Effect.Effect<void> {
    const { delayMillisMax, huntsLeaders, syncMillisMax } = this.#scenario
    if (!huntsLeaders || !this.#rng.chance(isFirst ? 0.8 : 0.4)) return Effect.void
    const others = this.#cluster.hosts.filter((other) => other !== host)
    if (isFirst) {
      const fall = Effect.delay(this.#cluster.crash(host), this.#rng.between(0, 2 * syncMillisMax))
      return Effect.andThen(this.#cut([host], others), fall)
    }
    const struck = this.#rng.chance(0.7) ? this.#fall(host) : this.#cut([host], others)
    const strike = Effect.suspend(() => this.#cluster.isOver ? Effect.void : struck)
    return Effect.delay(strike, Math.floor(this.#rng.next() * delayMillisMax))
  }

  /**
   * A node that is cut off while its disk is slow to take its snapshot may have been sent a later one when it is done,
   * and fall just then. Says how long the disk takes.
   */
  #beginsSnapshot(host: NodeHost): Effect.Effect<number> {
    if (this.#cluster.isOver || !this.#rng.chance(this.#scenario.installCrashRate / 2)) return Effect.succeed(0)
    const millis = this.#rng.between(200, 3000)
    const others = this.#cluster.hosts.filter((other) => other !== host)
    const back = Effect.forEach(others, ({ id }) => this.#cluster.network.repair(host.id, id), { discard: true })
    const fall = Effect.suspend(() => this.#cluster.isOver ? Effect.void : this.#cluster.crash(host))
    return this.#cut([host], others).pipe(
      Effect.andThen(this.#cluster.beside(Effect.delay(back, millis * 0.4))),
      Effect.andThen(this.#cluster.beside(Effect.delay(fall, millis + this.#rng.between(0, 60)))),
      Effect.as(millis)
    )
  }

  #strike(fault: Fault, leader: NodeHost | undefined): Effect.Effect<void> {
    const { hosts } = this.#cluster
    const one = pickAt(hosts, fault.node)
    const other = pickAt(hosts, fault.other)
    const sides = sideOf(hosts.length, fault)
    switch (fault.kind) {
      case "crash":
        return this.#fall(one)
      case "crash-leader":
        return leader ? this.#fall(leader) : Effect.void
      case "crash-all":
        return Effect.forEach(hosts, (host) => this.#cluster.crash(host), { discard: true })
      case "partition":
        return this.#cut(hosts.filter(({ at }) => sides[at]), hosts.filter(({ at }) => !sides[at]))
      case "isolate-leader":
        return leader ? this.#cut([leader], hosts.filter((host) => host !== leader)) : Effect.void
      case "cut-link":
      case "flap":
        return this.#cut([one], [other])
      case "cut-one-way":
        return this.#cutOneWay(one, other)
      case "heal":
        this.#chronicle.note("heal", "all links are whole again")
        return this.#cluster.repairAll()
      case "pause-leader":
        return leader ? this.#stick(leader, fault.millis) : Effect.void
      case "pause":
      case "slow-disk":
        return this.#stick(one, fault.millis)
      case "full-disk":
        return this.#fill(one, fault.millis)
      case "clock-back":
        return this.#setBack(one, fault.millis)
      case "wipe":
        return this.#cluster.loseDisk(one)
    }
  }

  /** At once, or at one of the next operations of its disk. */
  #fall(host: NodeHost): Effect.Effect<void> {
    if (host.isDown || this.#rng.chance(0.6)) return this.#cluster.crash(host)
    host.disk.breakAfter(this.#rng.between(0, 12))
    return Effect.void
  }

  #stick({ at, disk, id }: NodeHost, millis: number): Effect.Effect<void> {
    this.stuckDisks += 1
    this.#chronicle.note("disk", `the disk of ${id} hangs for ${millis} ms`, at)
    disk.stick(millis)
    return Effect.void
  }

  #setBack({ at, clock, id }: NodeHost, millis: number): Effect.Effect<void> {
    this.clockSteps += 1
    this.#chronicle.note("clock", `the clock of ${id} goes back by ${millis} ms`, at)
    clock.setBack(millis)
    return Effect.void
  }

  #fill({ at, disk, id }: NodeHost, millis: number): Effect.Effect<void> {
    this.stuckDisks += 1
    this.#chronicle.note("disk", `the disk of ${id} is full for ${millis} ms`, at)
    disk.fill(true)
    return Effect.delay(Effect.sync(() => disk.fill(false)), millis)
  }

  #cut(some: ReadonlyArray<NodeHost>, others: ReadonlyArray<NodeHost>): Effect.Effect<void> {
    const silent = this.#rng.chance(this.#scenario.halfOpenRate)
    const pairs = some.flatMap((a) => others.filter((b) => a !== b).map((b) => [a, b] as const))
    this.cuts += pairs.length
    if (pairs.length > 0) this.#chronicle.note("cut", `${namesOf(some)} | ${namesOf(others)}`)
    return Effect.forEach(pairs, ([a, b]) => this.#cluster.network.partition(a.id, b.id, { silent }), { discard: true })
  }

  #cutOneWay(from: NodeHost, to: NodeHost): Effect.Effect<void> {
    if (from === to) return Effect.void
    this.cuts += 1
    this.#chronicle.note("cut", `${from.id} cannot reach ${to.id}`)
    return this.#cluster.network.hold(from.id, to.id)
  }
}

const namesOf = (hosts: ReadonlyArray<NodeHost>): string => hosts.map(({ id }) => id).join(" ")
