/**
 * Keeps a client connected: to the leader where that can be reached, else to any node. It tries the nodes side by side,
 * each a little later than the one before, and makes the next link before it leaves the one it has.
 */
import { Effect, Exit, Latch, Queue, Random, Scope } from "effect"
import type { NoAnswer } from "../ClientErrors.ts"
import type { ClientTransport, Link } from "../transport/ClientTransport.ts"
import type { Engine } from "./Engine.ts"
import { packed } from "./Packing.ts"

interface Connected {
  readonly link: Link
  readonly close: Effect.Effect<void>
}

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
export const run = Effect.fnUntraced(function*(engine: Engine, transport: Transport, wishes: Wishes) {
  let failures = 0
  let left: string | null = null
  let connected: Connected | null = null
  while (true) {
    connected ??= yield* firstOf(engine, transport, yield* order(transport, wishes, left)).pipe(
      Effect.orElseSucceed(() => null)
    )
    if (connected === null) {
      failures += 1
      left = null
      yield* pause(failures)
      continue
    }
    failures = 0
    const { close, link }: Connected = connected
    wishes.leave.closeUnsafe()
    engine.linked()
    connected = yield* Effect.ensuring(
      serve(engine, transport, wishes, link),
      Effect.andThen(Effect.sync(() => engine.unlinked()), close)
    )
    left = link.address
  }
})

/** The leader first and the node that was left last; else at random, so that clients spread over the nodes. */
const order = (transport: Transport, { leader }: Wishes, left: string | null) =>
  Effect.map(Random.shuffle(transport.nodes), (nodes) => {
    const isTold = transport.followsLeader && leader !== null
    const all = new Set(isTold ? [leader, ...nodes] : nodes)
    if (left !== null && all.delete(left)) all.add(left)
    return [...all]
  })

const firstOf = (engine: Engine, transport: Transport, addresses: ReadonlyArray<string>) =>
  Effect.suspend(() => {
    let first: Connected | null = null
    const take = (connected: Connected) => {
      if (first !== null) return Effect.andThen(connected.close, Effect.succeed(first))
      first = connected
      return Effect.succeed(connected)
    }
    const tries = addresses.map((address, at) =>
      Effect.delay(open(engine, transport, address, take), at * staggerMillis)
    )
    return Effect.raceAll(tries)
  })

const staggerMillis = 100

/** The link lives until it is closed, beyond the fiber that has made it. */
const open = (
  engine: Engine,
  transport: Transport,
  address: string,
  take: (connected: Connected) => Effect.Effect<Connected>
): Effect.Effect<Connected, NoAnswer> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const link = yield* restore(transport.connect(address, (outcomes) => engine.hear(outcomes))).pipe(
        Scope.provide(scope),
        Effect.onError(() => Scope.close(scope, Exit.void))
      )
      return yield* take({ link, close: Scope.close(scope, Exit.void) })
    })
  )

/** Until the link ends or is to be left, or there is a better one, which it returns. */
const serve = (engine: Engine, transport: Transport, wishes: Wishes, link: Link) =>
  Effect.suspend(() => {
    let better: Connected | null = null
    const take = (connected: Connected) => Effect.sync(() => (better = connected))
    const ended = Effect.flip(link.ended)
    const moved = transport.followsLeader ? moveToLeader(engine, transport, wishes, link, take) : Effect.never
    const until = Effect.raceAllFirst([Effect.asVoid(ended), wishes.leave.await, send(engine, link), moved])
    return Effect.map(until, () => better)
  })

/** Sends what is in the outbox, all there is at a time. */
const send = (engine: Engine, link: Link): Effect.Effect<void> =>
  Effect.gen(function*() {
    const calls = engine.sendable(yield* Queue.takeAll(engine.options.outbox))
    for (const groups of packed(calls, engine.now)) yield* link.send(groups)
  }).pipe(Effect.forever, Effect.catch(() => Effect.void))

const moveToLeader = Effect.fnUntraced(function*(
  engine: Engine,
  transport: Transport,
  wishes: Wishes,
  { address }: Link,
  take: (connected: Connected) => Effect.Effect<Connected>
): Effect.fn.Return<void> {
  while (true) {
    const { leader } = wishes
    if (leader !== null && leader !== address) {
      const isMoved = yield* Effect.isSuccess(open(engine, transport, leader, take))
      if (isMoved) return
      // It cannot be reached from here, or is no more: the present node passes on what it is asked.
      yield* Effect.raceFirst(Effect.sleep(lookAgainMillis), wishes.leaderTold.await)
    } else yield* wishes.leaderTold.await
    wishes.leaderTold.closeUnsafe()
  }
})

const lookAgainMillis = 5_000

const pause = (failures: number) =>
  Effect.flatMap(Random.next, (chance) => {
    const millis = Math.min(pauseMillisMax, pauseMillisMin * 2 ** Math.min(failures, 8))
    return Effect.sleep(millis * (0.5 + chance / 2))
  })

const pauseMillisMin = 50
const pauseMillisMax = 1_000
