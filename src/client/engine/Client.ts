/**
 * A running client: its calls, sessions and link, which all end with the scope. Sessions are given back first, for a
 * bounded time, so that nobody waits for the TTL of a client that has stopped in order.
 */
import { Effect, FiberSet, Latch, Queue, Random, type Scope } from "effect"
import { LeaseClock } from "../LeaseClock.ts"
import { ClientTransport } from "../transport/ClientTransport.ts"
import { type AcquireRequest, Acquisition, type Ground, type Refusal } from "./Acquisition.ts"
import type { Call } from "./Call.ts"
import * as Connecting from "./Connecting.ts"
import { Engine, tendMillis } from "./Engine.ts"
import type { HeldLock } from "./HeldLock.ts"
import { Sessions } from "./Sessions.ts"

export interface Client {
  /**
   * Acquires for a scope. Interrupt it, and nothing is left behind: it leaves the queue, or gives back what it got.
   */
  readonly acquire: (request: AcquireRequest) => Effect.Effect<HeldLock, Refusal, Scope.Scope>
  /** Succeeds when it is given back or has ended; after a while it goes on in the background. */
  readonly release: (lock: HeldLock) => Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*({ label }: { readonly label: string }) {
  const transport = yield* ClientTransport
  const { now } = yield* LeaseClock
  const random = yield* Random.Random
  const wishes = Connecting.makeWishes()
  const busy = Latch.makeUnsafe(false)
  const engine = new Engine({
    now,
    random: () => random.nextDoubleUnsafe(),
    outbox: yield* Queue.unbounded<Call>(),
    onBusy: () => busy.openUnsafe(),
    onNoLeader: () => wishes.leave.openUnsafe(),
    onLeader: (address) => {
      wishes.leader = address
      wishes.leaderTold.openUnsafe()
    }
  })
  const runFork = yield* FiberSet.makeRuntime()
  const fork = (effect: Effect.Effect<void>) => {
    const fiber = runFork(effect)
    return () => fiber.interruptUnsafe()
  }
  const sessions = new Sessions({ engine, label, fork })
  fork(Connecting.run(engine, transport, wishes))
  fork(tend(engine, busy, wishes))
  yield* Effect.addFinalizer(() => close(sessions))
  const ground: Ground = { engine, sessions, answerMillis }
  return { acquire: (request) => acquire(ground, request), release } satisfies Client
})

/** How long what does not wait is tried, before it is `Unavailable`. */
const answerMillis = 10_000

const acquire = (ground: Ground, request: AcquireRequest): Effect.Effect<HeldLock, Refusal, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.suspend(() => {
      let lock: HeldLock | null = null
      let acquisition: Acquisition | null = null
      const decided = Effect.callback<HeldLock, Refusal>((resume) => {
        const granted = (held: HeldLock) => {
          lock = held
          resume(Effect.succeed(held))
        }
        acquisition = new Acquisition(ground, request, {
          granted,
          refused: (refusal) => resume(Effect.fail(refusal))
        })
      })
      // A grant and an interruption may come in one turn.
      const takeBack = Effect.sync(() => lock === null ? acquisition?.cancel() : lock.release(() => {}))
      return restore(decided).pipe(
        Effect.onInterrupt(() => takeBack),
        // Nothing interrupts between the two.
        Effect.tap((held) => Effect.addFinalizer(() => release(held)))
      )
    })
  )

const release = (lock: HeldLock): Effect.Effect<void> =>
  Effect.callback<void>((resume) => lock.release(() => resume(Effect.void))).pipe(
    Effect.timeoutOption(releaseMillisMax),
    Effect.asVoid
  )

const releaseMillisMax = 5_000

const tend = (engine: Engine, busy: Latch.Latch, wishes: Connecting.Wishes) =>
  Effect.gen(function*() {
    yield* busy.await
    yield* Effect.sleep(tendMillis)
    if (engine.tend()) wishes.leave.openUnsafe()
    if (engine.isIdle) busy.closeUnsafe()
  }).pipe(Effect.forever)

const close = (sessions: Sessions) =>
  Effect.callback<void>((resume) => sessions.close(() => resume(Effect.void))).pipe(
    Effect.timeoutOption(closeMillisMax)
  )

const closeMillisMax = 1_000
