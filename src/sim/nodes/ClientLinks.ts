/**
 * How the real client library reaches simulated nodes: it talks to the node's real conversations, with links in memory
 * that end with their node, fall silent, or lose what is answered.
 */
import { type Cause, Deferred, Effect, Queue, Stream } from "effect"
import type * as Conversation from "../../api/rpc/Conversation.ts"
import * as Packed from "../../api/rpc/Packed.ts"
import { NoAnswer } from "../../client/ClientErrors.ts"
import { ClientTransport } from "../../client/transport/ClientTransport.ts"
import { pickAt } from "../Fault.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { NodeHost } from "./NodeHost.ts"

interface Line {
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

  get transport(): ClientTransport["Service"] {
    return ClientTransport.of({
      nodes: this.#cluster.hosts.map(({ at }) => addressOf(at)),
      followsLeader: true,
      watch: () => Stream.empty,
      connect: (address, hear) => this.#connect(address, hear)
    })
  }

  #connect(address: string, hear: (outcomes: ReadonlyArray<Conversation.Outcome>) => void) {
    return Effect.gen({ self: this }, function*() {
      const host = this.#cluster.hosts[Number(address.split(":")[1]) - portsFrom]
      const running = host?.running
      if (!host || !running) return yield* new NoAnswer({ address, why: "connection refused" })
      const ended = Deferred.makeUnsafe<never, NoAnswer>()
      const end = Deferred.fail(ended, new NoAnswer({ address, why: "ended the connection" }))
      const line: Line = { host, isUnheard: false, delayMillis: this.#delayMillis(), end }
      this.#lines.add(line)
      yield* Effect.addFinalizer(() => Effect.sync(() => this.#lines.delete(line)))
      const told = yield* Queue.unbounded<Uint8Array, Cause.Done>()
      const operate = yield* running.conversations.open({
        tell: (outcomes) => void Queue.offerUnsafe(told, outcomes.slice()),
        ended: () => void Queue.endUnsafe(told)
      })
      yield* Stream.fromQueue(told).pipe(
        Stream.runForEach((bytes) =>
          Effect.delay(
            Effect.sync(() => {
              if (!line.isUnheard) hear(Packed.outcomes.decode(bytes))
            }),
            line.delayMillis
          )
        ),
        Effect.andThen(end),
        Effect.forkScoped({ startImmediately: true })
      )
      const send = (groups: ReadonlyArray<Conversation.Group>) =>
        host.running === running ? Effect.sync(() => operate(Packed.batch.encode(groups))) : Effect.never
      return { address, send, ended: Deferred.await(ended) }
    })
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
