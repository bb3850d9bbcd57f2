/**
 * Keeps a client connected: to the leader where that can be reached, else to any node. It tries the nodes side by side,
 * each a little later than the one before, and makes the next link before it leaves the one it has.
 */
import { Effect, Exit, Latch, Queue, Random, Scope } from "effect"
import type { Outcome } from "../../api/rpc/Conversation.ts"
import type { NoAnswer } from "../ClientErrors.ts"
import type { ClientTransport, Link } from "../transport/ClientTransport.ts"
import type { Engine } from "./Engine.ts"
import { LeftLinks, type OpenLink } from "./LeftLinks.ts"
import { packed } from "./Packing.ts"

export interface Wishes {
  /** Where the leader is, as the present node knows. */
  leader: string | null
  /** Whoever looks for the leader may look again. */
  readonly leaderTold: Latch.Latch
  /** Opened to leave the present node. */
  readonly leave: Latch.Latch
}

export const makeWishes = (): Wishes => ({
  leader: null,
  leaderTold: Latch.makeUnsafe(false),
  leave: Latch.makeUnsafe(false)
})

type Transport = ClientTransport["Service"]

/** Connects, again and again, for as long as the client lives. */
export const run = (engine: Engine, transport: Transport, wishes: Wishes): Effect.Effect<never> =>
  Effect.suspend(() => {
    const leftLinks = new LeftLinks()
    const connecting = connectForever({ engine, transport, wishes, left: makeLeft(engine), leftLinks })
    return Effect.ensuring(connecting, leftLinks.closeAll)
  })

interface Ground {
  readonly engine: Engine
  readonly transport: Transport
  readonly wishes: Wishes
  readonly left: ReturnType<typeof makeLeft>
  readonly leftLinks: LeftLinks
}

const connectForever = Effect.fnUntraced(function*(ground: Ground): Effect.fn.Return<never> {
  const { engine, left, leftLinks, transport, wishes } = ground
  let failures = 0
  let connected: OpenLink | null = null
  while (true) {
    connected ??= yield* firstOf(ground, yield* order(transport, wishes, left.address)).pipe(
      Effect.orElseSucceed(() => null)
    )
    if (connected === null) {
      failures += 1
      yield* pause(failures)
      continue
    }
    const present: OpenLink = connected
    wishes.leave.closeUnsafe()
    const from = engine.now
    leftLinks.replaced()
    engine.linked()
    engine.tried.clear()
    engine.tried.set(present.link.address, "connected, and owes the answer")
    connected = yield* Effect.ensuring(
      serve(ground, present),
      Effect.suspend(() => {
        engine.unlinked()
        return leftLinks.add(present)
      })
    )
    // Whoever moves on to the leader has no complaint.
    if (connected !== null) continue
    left.note(present.link.address)
    failures = engine.now - from < linkMillisMin ? failures + 1 : 0
    if (failures > 0) yield* pause(failures)
  }
})

/** A link that has not lasted so long was of no use: everything would be sent over and over. */
const linkMillisMin = 1_000

/** The node that was left for a reason, which is not gone back to for a while if another can be had. */
const makeLeft = (engine: Engine) => {
  let address: string | null = null
  let until = 0
  return {
    get address() {
      return engine.now < until ? address : null
    },
    note: (node: string) => {
      address = node
      until = engine.now + avoidMillis
    }
  }
}

const avoidMillis = 10_000

/** The leader first and the node that was left last; else at random, so that clients spread over the nodes. */
const order = (transport: Transport, { leader }: Wishes, left: string | null) =>
  Effect.map(Random.shuffle(transport.nodes), (nodes) => {
    const isTold = transport.followsLeader && leader !== null
    const all = new Set(isTold ? [leader, ...nodes] : nodes)
    if (left !== null && all.delete(left)) all.add(left)
    return [...all]
  })

const firstOf = (ground: Ground, addresses: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    let first: OpenLink | null = null
    const take = (connected: OpenLink) => {
      if (first !== null) return Effect.andThen(connected.close, Effect.succeed(first))
      first = connected
      return Effect.succeed(connected)
    }
    const tries = addresses.map((address, at) => Effect.delay(open(ground, address, take), at * staggerMillis))
    return Effect.raceAll(tries)
  })

const staggerMillis = 100

/** The link lives until it is closed, beyond the fiber that has made it. */
const open = (
  { engine, transport }: Ground,
  address: string,
  take: (connected: OpenLink) => Effect.Effect<OpenLink>
): Effect.Effect<OpenLink, NoAnswer> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const state = { close: Scope.close(scope, Exit.void), isPast: false }
      const hear = (outcomes: ReadonlyArray<Outcome>) => {
        if (!state.isPast) engine.hear(outcomes)
      }
      const link = yield* restore(transport.connect(address, hear)).pipe(
        Scope.provide(scope),
        Effect.tapError(({ address, why }) => Effect.sync(() => engine.tried.set(address, why))),
        Effect.onError(() => state.close)
      )
      return yield* take(Object.assign(state, { link }))
    })
  )

/** Until the link ends or is to be left, or there is a better one, which it returns. */
const serve = (ground: Ground, { link }: OpenLink) =>
  Effect.suspend(() => {
    const { engine, transport, wishes } = ground
    let better: OpenLink | null = null
    const take = (connected: OpenLink) => Effect.sync(() => (better = connected))
    const tell = (why: string) => Effect.sync(() => engine.tried.set(link.address, why))
    const ended = Effect.flatMap(Effect.flip(link.ended), ({ why }) => tell(why))
    const leave = Effect.andThen(wishes.leave.await, tell("silent, or without a leader"))
    const moved = transport.followsLeader ? moveToLeader(ground, link, take) : Effect.never
    const until = Effect.raceAllFirst([Effect.asVoid(ended), Effect.asVoid(leave), send(engine, link), moved])
    return Effect.map(until, () => better)
  })

/** Sends what is in the outbox, all there is at a time. */
const send = (engine: Engine, link: Link): Effect.Effect<void> =>
  Effect.gen(function*() {
    const calls = engine.sendable(yield* Queue.takeAll(engine.options.outbox))
    for (const groups of packed(calls, engine.now)) yield* link.send(groups)
  }).pipe(Effect.forever, Effect.catch(() => Effect.void))

const moveToLeader = Effect.fnUntraced(function*(
  ground: Ground,
  link: Link,
  take: (connected: OpenLink) => Effect.Effect<OpenLink>
): Effect.fn.Return<void> {
  const { left, wishes } = ground
  while (true) {
    wishes.leaderTold.closeUnsafe()
    const { leader } = wishes
    const isElsewhere = leader !== null && leader !== link.address
    if (isElsewhere && leader !== left.address) {
      const isMoved = yield* Effect.isSuccess(open(ground, leader, take))
      if (isMoved) return
    }
    // If it cannot be reached from here, or is no more, the present node passes on what it is asked.
    const again = isElsewhere ? Effect.sleep(lookAgainMillis) : Effect.never
    yield* Effect.raceFirst(again, wishes.leaderTold.await)
  }
})

const lookAgainMillis = 5_000

const pause = (failures: number) =>
  Effect.flatMap(Random.next, (chance) => {
    const millis = Math.min(pauseMillisMax, pauseMillisMin * 2 ** Math.min(failures, 8))
    return Effect.sleep(Math.ceil(millis * (0.5 + chance / 2)))
  })

const pauseMillisMin = 50
const pauseMillisMax = 1_000
