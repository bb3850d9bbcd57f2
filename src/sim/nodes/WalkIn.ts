/**
 * One client without a session, as over HTTP: it asks whichever node for a lock, which makes a session for it, renews
 * that while it waits, and starts its TTL anew at the grant. It counts what it holds from before it asked.
 */
import { Clock, Effect, Option } from "effect"
import type { Grant } from "../../api/Locks.ts"
import type { Holding } from "../core/Holdings.ts"
import { drawWish, type Wish } from "../core/Wish.ts"
import { pickAt } from "../Fault.ts"
import { isPunctual } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { Running } from "./NodeHost.ts"
import type { VisitorContext } from "./Visitor.ts"

export interface WalkInContext extends VisitorContext {
  readonly cluster: NodeCluster
}

/** Asks until the doors close. */
export const walkIn = (context: WalkInContext): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { isClosing, rng, scenario: { clients } } = context
    for (let visits = 1; !isClosing(); visits++) {
      yield* Effect.sleep(Math.ceil(rng.next() * clients.thinkMillisMax) + 10)
      const node = someone(context)
      if (node !== undefined) yield* enter(context, node, drawWish(rng, context.scenario, visits))
    }
  }).pipe(Effect.provideService(Clock.Clock, context.host.clock.clock))

const someone = ({ cluster: { up }, rng }: WalkInContext): Running | undefined =>
  up.length > 0 ? pickAt(up, rng.next()) : undefined

/** A node that falls answers nobody, and whoever hangs up takes its attempt back. */
const enter = Effect.fnUntraced(function*(context: WalkInContext, { locks }: Running, wish: Wish) {
  const { host, rng, scenario: { clients }, tally } = context
  const sentAt = yield* realMillis(context)
  const asked = locks.acquire(wish.lock, {
    ttlMs: clients.ttlMillis,
    label: host.name,
    owner: wish.owner,
    mode: wish.mode,
    permits: wish.permits,
    waitMs: rng.chance(0.3) ? 0 : wish.waitMillis,
    lockDelayMs: wish.lockDelayMillis
  })
  const patience = rng.chance(clients.cancelRate) ? rng.next() * clients.waitMillisMax : wish.waitMillis + 3000
  const answer = yield* Effect.timeoutOption(Effect.option(asked), Math.ceil(patience) + 1)
  if (Option.isNone(answer)) tally.hangUps += 1
  const grant = Option.getOrUndefined(Option.flatten(answer))
  if (grant !== undefined) yield* hold(context, grant, wish, sentAt)
})

const hold = Effect.fnUntraced(function*(context: WalkInContext, grant: Grant, wish: Wish, sentAt: number) {
  const { chronicle, holdings, host, rng, rules, scenario: { clients }, tally } = context
  const lease = { until: deadlineOf(context, sentAt) }
  tally.walkIns += 1
  if (lease.until > (yield* realMillis(context))) {
    const holding: Holding = { ...wish, client: host.name, token: grant.token, until: () => lease.until, isOver: false }
    rules.check("mutual exclusion", () => holdings.begin(holding))
    if (chronicle.isKept) chronicle.note("grant", `${host.name} gets ${wish.lock} with token ${grant.token}`)
    for (let left = rng.next() * 2 * clients.holdMillisMax; left > 0; left -= clients.ttlMillis / 3) {
      yield* Effect.sleep(Math.ceil(Math.min(left, clients.ttlMillis / 3)))
      if (left > clients.ttlMillis / 3) yield* renew(context, grant, lease)
    }
    holding.isOver = true
  }
  if (rng.chance(clients.vanishRate)) return
  const node = someone(context)
  if (node === undefined) return
  const released = node.locks.release(wish.lock, { session: grant.session, token: grant.token })
  yield* Effect.timeoutOption(Effect.option(released), 3000)
})

interface Lease {
  until: number
}

/** One that is told to be over before its client would give it up was ended early. */
const renew = Effect.fnUntraced(function*(context: WalkInContext, { session }: Grant, lease: Lease) {
  const node = someone(context)
  if (node === undefined) return
  const sentAt = yield* realMillis(context)
  const renewed = Effect.exit(node.locks.renewSession(session))
  const answer = Option.getOrUndefined(yield* Effect.timeoutOption(renewed, context.scenario.clients.patienceMillis))
  if (answer === undefined) return
  if (answer._tag === "Success") lease.until = Math.max(lease.until, deadlineOf(context, sentAt))
  else if (JSON.stringify(answer.cause).includes("SessionExpired")) {
    const early = lease.until - (yield* realMillis(context))
    if (early > 0 && isPunctual(context.scenario)) {
      context.rules.breaks(`the session of ${context.host.name} ended ${Math.ceil(early)} ms before it might give up`)
    }
    lease.until = 0
  }
})

const realMillis = ({ now }: WalkInContext) => Effect.sync(now)

/** By its own clock, in real time. */
const deadlineOf = ({ host, scenario: { clients } }: WalkInContext, sentAt: number): number =>
  sentAt + (0.9 * clients.ttlMillis) / host.clock.rate
