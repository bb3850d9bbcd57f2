/**
 * One client of whole nodes: the real client library, in the hands of a program that takes one lock after the other,
 * holds it, gives it back, hangs up, looks, stands still, or is cut off. What it believes to hold is compared with what
 * all others believe, and with what is so.
 */
import { Clock, Context, Effect, Layer, Option, Scope } from "effect"
import { LeaseClock, MachineUptime } from "../../client/LeaseClock.ts"
import type { Lock } from "../../client/Lock.ts"
import { LockClient } from "../../client/LockClient.ts"
import { ClientTransport } from "../../client/transport/ClientTransport.ts"
import type { Chronicle } from "../Chronicle.ts"
import type { Holding, Holdings } from "../core/Holdings.ts"
import { drawWish, type Wish } from "../core/Wish.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { Beliefs } from "./Beliefs.ts"
import type { ClientHost, ClientLinks } from "./ClientLinks.ts"
import type { NodeTally } from "./NodeTally.ts"
import type { Oracle } from "./Oracle.ts"
import type { Rules } from "./Rules.ts"

export interface VisitorContext {
  readonly host: ClientHost
  readonly scenario: Scenario
  readonly rng: Rng
  readonly links: ClientLinks
  readonly holdings: Holdings
  readonly beliefs: Beliefs
  readonly oracle: Oracle
  readonly rules: Rules
  readonly chronicle: Chronicle
  readonly tally: NodeTally
  readonly isClosing: () => boolean
  /** Real time. */
  readonly now: () => number
}

/** Visits until the doors close, then gives its session back. All by its own clock. */
export const visit = (context: VisitorContext): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function*() {
    const { host, isClosing, links, rng, scenario: { clients } } = context
    const layer = LockClient.layer({ ttl: clients.ttlMillis, label: host.name }).pipe(
      Layer.provide([Layer.succeed(ClientTransport, links.transportOf(host)), LeaseClock.layer]),
      Layer.provide(Layer.succeed(MachineUptime, () => 0))
    )
    const locks = Context.get(yield* Effect.orDie(Layer.build(Layer.fresh(layer))), LockClient)
    for (let visits = 1; !isClosing(); visits++) {
      yield* Effect.sleep(Math.ceil(rng.next() * clients.thinkMillisMax))
      const wish = drawWish(rng, context.scenario, visits)
      yield* rng.chance(0.15) ? look(context, locks, wish) : enter(context, locks, wish)
    }
  })).pipe(Effect.provideService(Clock.Clock, context.host.clock.clock))

/** Now and then its process stands still, or its machine is cut off, while it holds or after. */
const suffer = ({ chronicle, host, isClosing, links, rng, scenario: { clients }, tally }: VisitorContext) =>
  Effect.suspend(() => {
    const millis = Math.ceil(rng.next() * 1.8 * clients.ttlMillis)
    if (isClosing() || !rng.chance(clients.pauseRate + 0.2)) return Effect.void
    const isPause = rng.chance(clients.pauseRate / (clients.pauseRate + 0.2))
    const after = Math.ceil(rng.next() * clients.holdMillisMax)
    if (isPause) tally.pauses += 1
    const words = isPause ? "stands still" : "is cut off"
    const work = isPause ? Effect.sync(() => host.clock.standStill(millis)) : links.cutOff(host, millis)
    const told = Effect.sync(() => chronicle.note("client", `${host.name} ${words} for ${millis} ms`))
    return Effect.forkChild(Effect.delay(Effect.andThen(told, work), after))
  })

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
  const { beliefs, chronicle, holdings, host, isClosing, rng, rules, scenario: { clients }, tally } = context
  const { clock: { rate }, name } = host
  const token = Option.getOrUndefined(yield* Effect.option(lock.token))
  if (token === undefined) return
  const until = () => Effect.runSync(lock.state) === "lost" ? 0 : Infinity
  const holding: Holding = { ...wish, client: name, token, until, isOver: false }
  rules.check("mutual exclusion", () => holdings.begin(holding))
  const isHeld = () => until() > 0
  const end = beliefs.begin({ client: name, token, ttlMillis: clients.ttlMillis, rate, isHeld })
  tally.visits += 1
  if (chronicle.isKept) chronicle.note("grant", `${name} gets ${wish.lock} with token ${token}`)
  // Some hold on for much longer than a lease lasts, as long as nobody takes it from them.
  const isLong = !isClosing() && rng.chance(0.3)
  yield* suffer(context)
  yield* Effect.sleep(Math.ceil(rng.next() * (isLong ? 2.5 * clients.ttlMillis : clients.holdMillisMax)))
  if (until() === 0) tally.losses += 1
  holding.isOver = true
  end()
})

const look = Effect.fnUntraced(
  function*({ oracle, tally }: VisitorContext, locks: LockClient["Service"], { lock }: Wish) {
    const since = oracle.length
    const view = Option.getOrUndefined(yield* Effect.option(locks.get(lock)))
    if (view === undefined) return
    tally.looks += 1
    oracle.seen(lock, view, since)
  }
)
