/**
 * One client of whole nodes: the real client library, in the hands of a program that takes one lock after the other,
 * holds it, gives it back, hangs up, or looks. What it believes to hold is compared with what all others believe.
 */
import { Context, Effect, Layer, Option, Scope } from "effect"
import { LeaseClock, MachineUptime } from "../../client/LeaseClock.ts"
import type { Lock } from "../../client/Lock.ts"
import { LockClient } from "../../client/LockClient.ts"
import { ClientTransport } from "../../client/transport/ClientTransport.ts"
import type { Chronicle } from "../Chronicle.ts"
import type { Holding, Holdings } from "../core/Holdings.ts"
import { drawWish, type Wish } from "../core/Wish.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { ClientLinks } from "./ClientLinks.ts"
import type { Rules } from "./Rules.ts"

export interface VisitorContext {
  readonly name: string
  readonly scenario: Scenario
  readonly rng: Rng
  readonly links: ClientLinks
  readonly holdings: Holdings
  readonly rules: Rules
  readonly chronicle: Chronicle
  readonly tally: { visits: number; hangUps: number; losses: number; looks: number }
  readonly isClosing: () => boolean
  /** The highest token that anybody was told of each lock. */
  readonly told: Map<string, number>
}

/** Visits until the doors close, then gives its session back. */
export const visit = (context: VisitorContext): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function*() {
    const { isClosing, links, name, rng, scenario: { clients } } = context
    const layer = LockClient.layer({ ttl: clients.ttlMillis, label: name }).pipe(
      Layer.provide([Layer.succeed(ClientTransport, links.transport), LeaseClock.layer]),
      Layer.provide(Layer.succeed(MachineUptime, () => 0))
    )
    const locks = Context.get(yield* Effect.orDie(Layer.build(Layer.fresh(layer))), LockClient)
    for (let visits = 1; !isClosing(); visits++) {
      yield* Effect.sleep(Math.ceil(rng.next() * clients.thinkMillisMax))
      const wish = drawWish(rng, context.scenario, visits)
      yield* rng.chance(0.15) ? look(context, locks, wish) : enter(context, locks, wish)
    }
  }))

const enter = (context: VisitorContext, locks: LockClient["Service"], wish: Wish): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function*() {
    const { rng, scenario: { clients }, tally } = context
    const options = {
      mode: wish.mode,
      permits: wish.permits,
      lockDelay: wish.lockDelayMillis,
      wait: Math.max(1, wish.waitMillis),
      ...(wish.maxHoldMillis === undefined ? {} : { maxHold: Math.max(wish.maxHoldMillis, 100) })
    }
    const acquire = Effect.option(
      rng.chance(0.2)
        ? locks.tryAcquire(wish.lock, options)
        : locks.acquire(wish.lock, options)
    )
    const isImpatient = rng.chance(clients.cancelRate)
    const scope = yield* Effect.scope
    const answer = yield* isImpatient
      ? Effect.timeoutOption(Scope.provide(acquire, scope), Math.ceil(rng.next() * clients.waitMillisMax))
      : Effect.asSome(acquire)
    if (Option.isNone(answer)) tally.hangUps += 1
    const lock = Option.getOrUndefined(Option.flatten(answer))
    if (lock !== undefined) yield* hold(context, lock, wish)
  }))

const hold = Effect.fnUntraced(function*(context: VisitorContext, lock: Lock, wish: Wish) {
  const { chronicle, holdings, name, rng, rules, scenario: { clients }, tally, told } = context
  const token = Option.getOrUndefined(yield* Effect.option(lock.token))
  if (token === undefined) return
  const until = () => Effect.runSync(lock.state) === "lost" ? 0 : Infinity
  const holding: Holding = { ...wish, client: name, token, until, isOver: false }
  rules.check("mutual exclusion", () => holdings.begin(holding))
  told.set(wish.lock, Math.max(told.get(wish.lock) ?? 0, token))
  tally.visits += 1
  if (chronicle.isKept) chronicle.note("grant", `${name} gets ${wish.lock} with token ${token}`)
  yield* Effect.sleep(Math.ceil(rng.next() * clients.holdMillisMax))
  if (until() === 0) tally.losses += 1
  holding.isOver = true
})

/** A linearizable look shows at least what anybody was told before. */
const look = Effect.fnUntraced(
  function*({ rules, tally, told }: VisitorContext, locks: LockClient["Service"], { lock }: Wish) {
    const before = told.get(lock) ?? 0
    const view = Option.getOrUndefined(yield* Effect.option(locks.get(lock)))
    if (view === undefined) return
    tally.looks += 1
    // An idle lock is forgotten, and has none.
    if (view.lastToken !== null && view.lastToken < before) {
      rules.breaks(`a look shows token ${view.lastToken} of ${lock}, after ${before} was told`)
    }
  }
)
