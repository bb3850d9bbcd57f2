/**
 * What lies between a client for tests and its cluster: a link in memory that can be cut, held up, and made to lose
 * answers. What is held up is told later, in order; what is lost is lost together with its link, as on a network.
 */
import { Deferred, Effect, Latch, Stream } from "effect"
import type * as Conversation from "../api/rpc/Conversation.ts"
import * as Packed from "../api/rpc/Packed.ts"
import { NoAnswer } from "../client/ClientErrors.ts"
import type { ClientTransport } from "../client/transport/ClientTransport.ts"
import type { Events } from "../server/Events.ts"
import type { Conversations } from "../server/rpc/Conversations.ts"

type Outcomes = ReadonlyArray<Conversation.Outcome>
type Hear = (outcomes: Outcomes) => void

const address = "a cluster in memory"

/** Of one client. */
export class Wire {
  /** Closed while nothing that the client sends leaves it. */
  readonly sending = Latch.makeUnsafe(true)
  isCut = false
  /** So many answers are lost next. */
  answersToLose = 0
  #holds: ((outcomes: Outcomes) => boolean) | null = null
  readonly #held: Array<() => void> = []
  #hasGrant = false
  readonly #links = new Set<Deferred.Deferred<never, NoAnswer>>()

  /** Whether a grant waits to be told. */
  get hasGrant(): boolean {
    return this.#hasGrant
  }

  /** All answers wait from now on. */
  holdAnswers(): void {
    this.#holds = () => true
  }

  /** Grants wait from now on, and whatever comes after the first. */
  holdGrants(): void {
    this.#holds = (outcomes) => this.#hasGrant || hasGrant(outcomes)
  }

  /** All that have waited are told, in order, before this returns. */
  tellAnswers(): void {
    this.#holds = null
    this.#hasGrant = false
    for (const tell of this.#held.splice(0)) tell()
  }

  hear(link: Deferred.Deferred<never, NoAnswer>, outcomes: Outcomes, hear: Hear): void {
    const isAnswer = outcomes.some(({ _tag }) => _tag !== "Leader" && _tag !== "Pong")
    if (isAnswer && this.answersToLose > 0) {
      this.answersToLose -= 1
      return this.#end(link, "an answer was lost")
    }
    const tell = () => {
      if (this.#links.has(link)) hear(outcomes)
    }
    if (this.#holds?.(outcomes) !== true) return tell()
    this.#hasGrant ||= hasGrant(outcomes)
    this.#held.push(tell)
    return undefined
  }

  /** Ends all links. */
  cut(): void {
    this.isCut = true
    for (const link of this.#links) this.#end(link, "cut off")
  }

  opened(): Deferred.Deferred<never, NoAnswer> {
    const link = Deferred.makeUnsafe<never, NoAnswer>()
    this.#links.add(link)
    return link
  }

  closed(link: Deferred.Deferred<never, NoAnswer>): void {
    this.#links.delete(link)
  }

  #end(link: Deferred.Deferred<never, NoAnswer>, why: string): void {
    this.#links.delete(link)
    Deferred.doneUnsafe(link, Effect.fail(new NoAnswer({ address, why })))
  }
}

const hasGrant = (outcomes: Outcomes): boolean => outcomes.some(({ _tag }) => _tag === "Granted")

export const makeTransport = (
  wire: Wire,
  conversations: Conversations["Service"],
  events: Events["Service"]
): ClientTransport["Service"] => ({
  nodes: [address],
  followsLeader: false,
  watch: (prefix) => Stream.unwrap(Effect.orDie(events.watch({ prefix }))),
  connect: Effect.fnUntraced(function*(_, hear) {
    if (wire.isCut) return yield* new NoAnswer({ address, why: "cut off" })
    const link = wire.opened()
    yield* Effect.addFinalizer(() => Effect.sync(() => wire.closed(link)))
    const operate = yield* conversations.open({
      tell: (outcomes) => wire.hear(link, Packed.outcomes.decode(outcomes), hear),
      ended: () => {}
    })
    return {
      address,
      send: (groups) => Effect.andThen(wire.sending.await, Effect.sync(() => operate(Packed.batch.encode(groups)))),
      ended: Deferred.await(link)
    }
  })
})
