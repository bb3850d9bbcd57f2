/**
 * The nodes of a run, and what is done to them. A node whose disk breaks ends by itself, and is started again when its
 * disk is mended.
 */
import { Cause, type Clock, Effect, Exit, type Scope } from "effect"
import { Network } from "../../node/transport/Network.ts"
import { NodeId } from "../../raft/Membership.ts"
import type { Chronicle } from "../Chronicle.ts"
import { Rng } from "../Rng.ts"
import { drawRate, type Scenario } from "../Scenario.ts"
import { NodeDisk } from "./NodeDisk.ts"
import { NodeHost, type Running } from "./NodeHost.ts"
import type { Oracle } from "./Oracle.ts"
import type { Rules } from "./Rules.ts"
import { drawWallOff, SimClock } from "./SimClock.ts"
import type { Stamps } from "./Stamps.ts"
import { Stores } from "./Stores.ts"

export class NodeCluster {
  readonly hosts: ReadonlyArray<NodeHost>
  readonly network: Network["Service"]
  crashes = 0
  kills = 0
  brokenDisks = 0
  lostDisks = 0
  damagedDisks = 0
  readonly #scenario: Scenario
  readonly #rng: Rng
  readonly #delays: Rng
  readonly #kills: Rng
  readonly #chronicle: Chronicle
  /** What goes on beside a run lasts as long as the run. */
  readonly #fork: <A>(effect: Effect.Effect<A>) => Effect.Effect<unknown>
  /** Everything is mended, and stays so. */
  isOver = false
  readonly #rules: Rules
  readonly #stores: Stores
  readonly #now: () => number
  /** Until then a removal that was asked for may come about. */
  #removingUntil = -Infinity

  constructor(
    context: {
      readonly network: Network["Service"]
      readonly scenario: Scenario
      readonly oracle: Oracle
      readonly stamps: Stamps
      readonly clock: Clock.Clock
      readonly rules: Rules
      readonly rng: Rng
      readonly chronicle: Chronicle
      readonly scope: Scope.Scope
    }
  ) {
    const { chronicle, clock, network, oracle, rng, rules, scenario, scope, stamps } = context
    this.network = network
    this.#delays = rng.fork()
    this.#kills = new Rng(scenario.seed).fork()
    this.#now = () => clock.currentTimeMillisUnsafe()
    this.#stores = new Stores(() => this.hosts, oracle)
    this.#scenario = scenario
    this.#rules = rules
    this.#rng = rng
    this.#chronicle = chronicle
    this.#fork = (effect) => Effect.forkIn(effect, scope)
    const ids = Array.from({ length: scenario.voters + sparesOf(scenario) }, (_, at) => NodeId.make(`node${at + 1}`))
    const founds = (at: number) => at < scenario.voters
    const peers = new Map(ids.map((id, at) => [id, { host: "127.0.0.1", port: 9081 + at, founds: founds(at) }]))
    this.hosts = ids.map((id, at) => {
      const own = rng.fork()
      const place = {
        id,
        at,
        joins: !founds(at),
        disk: new NodeDisk(id, rng.fork(), scenario.syncMillisMax),
        clock: new SimClock(clock, drawRate(scenario, own), drawWallOff(own))
      }
      return new NodeHost(place, { network, peers, oracle, stamps, rules, scenario, rng: rng.fork() })
    })
  }

  get up(): ReadonlyArray<Running> {
    return this.hosts.flatMap(({ running }) => running ? [running] : [])
  }

  get leader(): Effect.Effect<NodeHost | undefined> {
    const statusOf = (host: NodeHost) => Effect.suspend(() => host.running?.node.status ?? Effect.undefined)
    return Effect.map(
      Effect.all(this.hosts.map((host) => Effect.map(statusOf(host), (status) => [host, status] as const))),
      (all) =>
        all.filter(([, status]) => status?.role === "Leader")
          .toSorted(([, a], [, b]) => (b?.term ?? 0) - (a?.term ?? 0))[0]?.[0]
    )
  }

  /** Goes on beside the run, for as long as that. */
  beside(effect: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.asVoid(this.#fork(effect))
  }

  /** Begins to start it: a slow disk takes its time. */
  start(host: NodeHost): Effect.Effect<void> {
    return this.beside(Effect.gen({ self: this }, function*() {
      const { life } = host
      yield* host.start
      if (host.life !== life) return
      if (!host.running) return yield* this.#tryAgain(host)
      yield* this.#ended(host, life, yield* Effect.exit(host.running.node.join))
    }))
  }

  crash(host: NodeHost): Effect.Effect<void> {
    if (host.isDown) return Effect.void
    const isKill = this.#kills.chance(this.#scenario.killRate)
    this.crashes += 1
    if (isKill) this.kills += 1
    this.#chronicle.note("crash", `${host.id} ${isKill ? "is killed" : "falls"}`, host.at)
    return Effect.andThen(host.crash(isKill ? "killed" : "power"), this.#startLater(host))
  }

  /** Mends everything, and starts whoever is down. */
  heal(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      this.isOver = true
      this.#chronicle.note("heal", "everything is mended, and stays so")
      for (const { disk } of this.hosts) disk.mend()
      yield* this.repairAll()
      for (const host of this.hosts) if (host.isDown) yield* this.start(host)
    })
  }

  /** All links are whole. Each has a length of its own, in time. */
  repairAll(): Effect.Effect<void> {
    const pairs = this.hosts.flatMap((a) => this.hosts.filter(({ at }) => at > a.at).map((b) => [a, b] as const))
    const { network } = this
    return Effect.forEach(
      pairs,
      ([a, b]) => Effect.andThen(network.repair(a.id, b.id), network.delay(a.id, b.id, this.#drawDelay())),
      { discard: true }
    )
  }

  /** Two rounds of messages, of which an election consists, are to fit into an election timeout. */
  #drawDelay(): number {
    return this.isOver ? 0 : Math.floor(this.#delays.next() * this.#scenario.delayMillisMax / 2)
  }

  // A node that stops by itself says so; one that is stopped has ended its life before.
  #ended(host: NodeHost, life: number, exit: Exit.Exit<never, unknown>): Effect.Effect<void> {
    if (host.life !== life || Exit.isSuccess(exit)) return Effect.void
    this.brokenDisks += 1
    host.refusal = Cause.pretty(exit.cause).split("\n")[0] ?? ""
    // A node knows what can go wrong; and all of them are of one cluster, and no data directory is put back.
    const isDefect = exit.cause.reasons.some(({ _tag }) => _tag === "Die")
    const isImpossible = impossible.test(host.refusal) && !this.#stores.isForgotten(host)
    if (isDefect || isImpossible) this.#rules.breaks(`${host.id} stops for no reason: ${host.refusal}`)
    this.#chronicle.note("disk", `${host.id} stops: ${host.refusal}`, host.at)
    const how = this.#kills.chance(this.#scenario.killRate) ? "killed" : "power"
    return Effect.andThen(host.crash(how), this.#tryAgain(host))
  }

  /** Nobody knows what becomes of a removal that was asked for, until some time after it was. */
  removing(isDone: boolean): void {
    this.#removingUntil = isDone ? this.#now() + removalMillisMax : Infinity
  }

  mayRemove({ id }: NodeHost): boolean {
    return this.#stores.isWhole(id)
  }

  /** It falls, and its disk is gone, or cannot be read any more. */
  loseDisk(host: NodeHost): Effect.Effect<void> {
    if (this.#removingUntil > this.#now() || host.disk.isDamaged || !this.#stores.mayLose(host)) return Effect.void
    const isLost = this.#rng.chance(0.5)
    if (isLost) this.lostDisks += 1
    else this.damagedDisks += 1
    this.#chronicle.note("wipe", `${host.id} ${isLost ? "loses its disk" : "has a damaged disk"}`, host.at)
    const done = Effect.sync(() => isLost ? this.#replaceDisk(host) : host.disk.damage())
    return Effect.andThen(host.crash(), Effect.andThen(done, this.#startLater(host)))
  }

  /** Some of what keeps a node from starting is cured by an empty disk, and by nothing else. */
  #tryAgain(host: NodeHost): Effect.Effect<void> {
    return Effect.suspend(() => {
      const isHopeless = host.disk.isDamaged || outside.test(host.refusal) || this.#stores.isForgotten(host)
      if (isHopeless && this.#stores.mayLose(host)) this.#replaceDisk(host)
      return this.#startLater(host)
    })
  }

  #replaceDisk(host: NodeHost): void {
    host.disk.wipe()
    host.joins = true
    host.refusal = ""
  }

  #startLater(host: NodeHost): Effect.Effect<void> {
    const millis = this.isOver ? 10 : this.#rng.between(1, this.#scenario.restartMillisMax)
    const start = Effect.suspend(() => {
      if (!host.isDown) return Effect.void
      this.#chronicle.note("start", `${host.id} is back`, host.at)
      return this.start(host)
    })
    return Effect.asVoid(this.#fork(Effect.delay(start, millis)))
  }
}

/** Its cluster has gone on without it. */
const outside = /was removed from its cluster|is not a member of the cluster/

const impossible = /has the data of cluster|has gone back in time/

/** Nodes that join a cluster, where somebody changes it. More than seven take too long to simulate. */
const sparesOf = ({ changeMillis, spares, voters }: Scenario): number =>
  changeMillis === 0 ? 0 : Math.min(spares, 7 - voters)

/** What a leader that stands still has in its inbox may be this old. */
const removalMillisMax = 3000
