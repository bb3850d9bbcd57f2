/**
 * The nodes of a run, and what is done to them. A node whose disk breaks ends by itself, and is started again when its
 * disk is mended.
 */
import { Cause, Effect, Exit, type Scope } from "effect"
import { Network } from "../../node/transport/Network.ts"
import { NodeId } from "../../raft/Membership.ts"
import type { Chronicle } from "../Chronicle.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import { NodeDisk } from "./NodeDisk.ts"
import { NodeHost, type Running } from "./NodeHost.ts"
import type { Oracle } from "./Oracle.ts"
import type { Rules } from "./Rules.ts"

export class NodeCluster {
  readonly hosts: ReadonlyArray<NodeHost>
  readonly network: Network["Service"]
  crashes = 0
  brokenDisks = 0
  readonly #scenario: Scenario
  readonly #rng: Rng
  readonly #chronicle: Chronicle
  /** What goes on beside a run lasts as long as the run. */
  readonly #fork: <A>(effect: Effect.Effect<A>) => Effect.Effect<unknown>
  #isOver = false

  constructor(
    context: {
      readonly network: Network["Service"]
      readonly scenario: Scenario
      readonly oracle: Oracle
      readonly rules: Rules
      readonly rng: Rng
      readonly chronicle: Chronicle
      readonly scope: Scope.Scope
    }
  ) {
    const { chronicle, network, oracle, rng, rules, scenario, scope } = context
    this.network = network
    this.#scenario = scenario
    this.#rng = rng
    this.#chronicle = chronicle
    this.#fork = (effect) => Effect.forkIn(effect, scope)
    const ids = Array.from({ length: scenario.voters }, (_, at) => NodeId.make(`node${at + 1}`))
    const peers = new Map(ids.map((id, at) => [id, { host: "127.0.0.1", port: 9081 + at }]))
    this.hosts = ids.map((id, at) => {
      const disk = new NodeDisk(id, rng.fork(), scenario.syncMillisMax)
      return new NodeHost(id, at, disk, { network, peers, oracle, rules, scenario, rng: rng.fork() })
    })
  }

  get up(): ReadonlyArray<Running> {
    return this.hosts.flatMap(({ running }) => running ? [running] : [])
  }

  get leader(): Effect.Effect<NodeHost | undefined> {
    return Effect.map(
      Effect.all(
        this.hosts.map((host) => Effect.map(host.running?.node.status ?? Effect.undefined, (s) => [host, s] as const))
      ),
      (all) =>
        all.filter(([, status]) => status?.role === "Leader")
          .toSorted(([, a], [, b]) => (b?.term ?? 0) - (a?.term ?? 0))[0]?.[0]
    )
  }

  start(host: NodeHost): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      yield* host.start
      if (!host.running) return yield* this.#startLater(host)
      const { life } = host
      const watch = Effect.flatMap(Effect.exit(host.running.node.join), (exit) => this.#ended(host, life, exit))
      yield* this.#fork(watch)
    })
  }

  crash(host: NodeHost): Effect.Effect<void> {
    if (!host.running) return Effect.void
    this.crashes += 1
    this.#chronicle.note("crash", `${host.id} falls`, host.at)
    return Effect.andThen(host.crash, this.#startLater(host))
  }

  /** Mends everything, and starts whoever is down. */
  heal(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      this.#isOver = true
      this.#chronicle.note("heal", "everything is mended, and stays so")
      for (const { disk } of this.hosts) disk.mend()
      yield* this.repairAll()
      for (const host of this.hosts) if (!host.running) yield* this.start(host)
    })
  }

  repairAll(): Effect.Effect<void> {
    const pairs = this.hosts.flatMap((a) => this.hosts.filter(({ at }) => at > a.at).map((b) => [a, b] as const))
    return Effect.forEach(pairs, ([a, b]) => this.network.repair(a.id, b.id), { discard: true })
  }

  // A node that stops by itself says so; one that is stopped has ended its life before.
  #ended(host: NodeHost, life: number, exit: Exit.Exit<never, unknown>): Effect.Effect<void> {
    if (host.life !== life || Exit.isSuccess(exit)) return Effect.void
    this.brokenDisks += 1
    host.refusal = Cause.pretty(exit.cause).split("\n")[0] ?? ""
    this.#chronicle.note("disk", `${host.id} stops: ${host.refusal}`, host.at)
    return Effect.andThen(host.crash, this.#startLater(host))
  }

  #startLater(host: NodeHost): Effect.Effect<void> {
    const millis = this.#isOver ? 10 : this.#rng.between(1, this.#scenario.restartMillisMax)
    const start = Effect.suspend(() => {
      if (host.running) return Effect.void
      this.#chronicle.note("start", `${host.id} is back`, host.at)
      return this.start(host)
    })
    return Effect.asVoid(this.#fork(Effect.delay(start, millis)))
  }
}
