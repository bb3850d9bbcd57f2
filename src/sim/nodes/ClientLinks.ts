/**
 * How the real client library reaches simulated nodes: it talks to the node's real conversations, with links in memory
 * that end with their node, fall silent, or lose what is answered. A whole client may be cut off for a while.
 */
import { type Cause, Clock, Deferred, Effect, Queue, Stream } from "effect"
import type * as Conversation from "../../api/rpc/Conversation.ts"
import * as Packed from "../../api/rpc/Packed.ts"
import { NoAnswer } from "../../client/ClientErrors.ts"
import { ClientTransport } from "../../client/transport/ClientTransport.ts"
import { pickAt } from "../Fault.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { NodeHost } from "./NodeHost.ts"
import type { SimClock } from "./SimClock.ts"

/** The machine of one client. */
export interface ClientHost {
  readonly name: string
  readonly clock: SimClock
  /** Nothing gets there or comes from there. */
  isCutOff: boolean
}

interface Line {
  readonly client: ClientHost
  readonly host: NodeHost
  /** What is asked is taken and done, and no answer comes back. */
  isUnheard: boolean
  /** How long answers take. */
  readonly delayMillis: number
  readonly end: Effect.Effect<unknown>
}

export class ClientLinks {
  isPerfect = false
  ended = 0
  cutOffs = 0
  readonly #cluster: NodeCluster
  readonly #scenario: Scenario
  readonly #rng: Rng
  readonly #lines = new Set<Line>()

  constructor(cluster: NodeCluster, scenario: Scenario, rng: Rng) {
    this.#cluster = cluster
    this.#scenario = scenario
    this.#rng = rng
  }

  /** Links of nodes that are gone end; now and then another one ends or goes deaf. */
  readonly meddle: Effect.Effect<void> = Effect.suspend(() => {
    const ending = [...this.#lines].filter(({ host }) => host.running === undefined)
    const some = [...this.#lines]
    if (!this.isPerfect && some.length > 0 && this.#rng.chance(0.01)) {
      const line = pickAt(some, this.#rng.next())
      if (this.#rng.chance(0.5)) line.isUnheard = true
      else ending.push(line)
    }
    if (this.isPerfect) ending.push(...some.filter(({ delayMillis, isUnheard }) => isUnheard || delayMillis > 1))
    this.ended += ending.length
    return Effect.forEach(ending, ({ end }) => end, { discard: true })
  })

  /** Nobody is told; whoever hears nothing for long enough dials anew, and gets nowhere until this is over. */
  cutOff(client: ClientHost, millis: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.isPerfect || client.isCutOff) return Effect.void
      this.cutOffs += 1
      client.isCutOff = true
      const over = Effect.sync(() => {
        client.isCutOff = false
      })
      return Effect.andThen(Effect.sleep(millis), over)
    })
  }

  transportOf(client: ClientHost): ClientTransport["Service"] {
    return ClientTransport.of({
      nodes: this.#cluster.hosts.map(({ at }) => addressOf(at)),
      followsLeader: true,
      watch: () => Stream.empty,
      connect: (address, hear) => this.#connect(client, address, hear)
    })
  }

  #connect(client: ClientHost, address: string, hear: (outcomes: ReadonlyArray<Conversation.Outcome>) => void) {
    return Effect.gen({ self: this }, function*() {
      const host = this.#cluster.hosts[Number(address.split(":")[1]) - portsFrom]
      const running = host?.running
      if (this.#isLost(client) || !host || !running) {
        return yield* new NoAnswer({ address, why: "connection refused" })
      }
      const ended = Deferred.makeUnsafe<never, NoAnswer>()
      const end = Deferred.fail(ended, new NoAnswer({ address, why: "ended the connection" }))
      const line: Line = { client, host, isUnheard: false, delayMillis: this.#delayMillis(), end }
      this.#lines.add(line)
      yield* Effect.addFinalizer(() => Effect.sync(() => this.#lines.delete(line)))
      const told = yield* Queue.unbounded<Uint8Array, Cause.Done>()
      const operate = yield* running.conversations.open({
        tell: (outcomes) => void Queue.offerUnsafe(told, outcomes.slice()),
        ended: () => void Queue.endUnsafe(told)
      })
      yield* Stream.fromQueue(told).pipe(
        Stream.runForEach((bytes) => this.#deliver(line, () => hear(Packed.outcomes.decode(bytes)))),
        Effect.andThen(end),
        Effect.provideService(Clock.Clock, host.clock.clock),
        Effect.forkScoped({ startImmediately: true })
      )
      const send = (groups: ReadonlyArray<Conversation.Group>) => {
        if (host.running !== running) return Effect.never
        return this.#isLost(client) ? Effect.void : Effect.sync(() => operate(Packed.batch.encode(groups)))
      }
      return { address, send, ended: Deferred.await(ended) }
    })
  }

  /** Some time later, and not while the client stands still. */
  #deliver(line: Line, hear: () => void): Effect.Effect<void> {
    const heard = Effect.sync(() => {
      if (!line.isUnheard && !this.#isLost(line.client)) hear()
    })
    return Effect.sleep(line.delayMillis).pipe(Effect.andThen(line.client.clock.awake), Effect.andThen(heard))
  }

  #isLost({ isCutOff }: ClientHost): boolean {
    return isCutOff && !this.isPerfect
  }

  /** Some links are so slow that a good part of a lease goes by before its holder hears of it. */
  #delayMillis(): number {
    const { clients: { ttlMillis }, delayMillisMax } = this.#scenario
    if (this.isPerfect) return 1
    return Math.ceil(this.#rng.next() * (this.#rng.chance(0.25) ? ttlMillis / 2 : delayMillisMax))
  }
}

const portsFrom = 7081

const addressOf = (at: number): string => `127.0.0.1:${portsFrom + at}`
