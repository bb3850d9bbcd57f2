/**
 * A running client: its calls, sessions and link, which all end with the scope. Sessions are given back first, for a
 * bounded time, so that nobody waits for the TTL of a client that has stopped in order.
 */
import { Context, Effect, FiberSet, Latch, Layer, Queue, Random, type Stream } from "effect"
import type { WatchEvent } from "../../api/Events.ts"
import type { LockView } from "../../api/Locks.ts"
import type { AcquireError, AskError, NoNodeAnswers } from "../ClientErrors.ts"
import { LeaseClock } from "../LeaseClock.ts"
import { isToken, wrong } from "../LockOptions.ts"
import { ClientTransport } from "../transport/ClientTransport.ts"
import { type AcquireRequest, Acquisition, type Ground, type Listener } from "./Acquisition.ts"
import { answerMillis, ask } from "./Asking.ts"
import type { Call } from "./Call.ts"
import * as Connecting from "./Connecting.ts"
import { Engine, tendMillis } from "./Engine.ts"
import type { HeldLock } from "./HeldLock.ts"
import { Sessions } from "./Sessions.ts"
import { traced } from "./Traced.ts"

/** Interrupts what waits, or lets it be, as whoever calls was called. */
type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export interface ClientOptions {
  /** Of locks that ask for no other. */
  readonly ttlMillis: number
  readonly label: string
}

export class Client extends Context.Service<Client, {
  readonly ttlMillis: number
  /**
   * Acquires, where nothing interrupts but what `restore` lets: nothing is left behind then, as it leaves the queue or
   * gives back what it got. Whoever sees it succeed answers for the lock.
   */
  readonly acquire: (request: AcquireRequest, restore: Restore) => Effect.Effect<HeldLock, AcquireError>
  /** The same by callbacks, without a fiber for each acquire: for whoever makes very many. */
  readonly begin: (request: AcquireRequest, listener: Listener) => void
  /** Succeeds when it is given back or has ended; after a while it goes on in the background. */
  readonly release: (lock: HeldLock) => Effect.Effect<void>
  /** What the lock is like now. */
  readonly look: (name: string) => Effect.Effect<LockView, AskError>
  /** Whether this is the token of a present holder. */
  readonly check: (name: string, token: number) => Effect.Effect<boolean, AskError>
  readonly watch: (prefix: string) => Stream.Stream<WatchEvent, NoNodeAnswers>
}>()("client/engine/Client") {
  static readonly layer = (options: ClientOptions): Layer.Layer<Client, never, ClientTransport | LeaseClock> =>
    Layer.effect(Client, make(options))
}

const make = Effect.fnUntraced(function*({ label, ttlMillis }: ClientOptions) {
  const transport = yield* ClientTransport
  const clock = yield* LeaseClock
  const random = yield* Random.Random
  const wishes = Connecting.makeWishes()
  const busy = Latch.makeUnsafe(false)
  const engine = new Engine({
    clock,
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
  yield* Effect.addFinalizer(() => Effect.andThen(close(sessions), Effect.sync(() => engine.close())))
  const ground: Ground = { engine, sessions, answerMillis }
  return Client.of({
    ttlMillis,
    acquire: (request, restore) => traced(request, (asked) => acquire(ground, asked, restore)),
    begin: (request, listener) => void new Acquisition(ground, request, listener),
    release,
    look: (name) =>
      Effect.map(ask(engine, name, (id) => ({ _tag: "Look", id, lock: name }), "Seen"), ({ lock }) => lock),
    check: (name, token) =>
      isToken(token)
        ? Effect.map(
          ask(engine, name, (id) => ({ _tag: "Check", id, lock: name, token }), "Checked"),
          ({ valid }) => valid
        )
        : Effect.fail(wrong("token")),
    watch: transport.watch
  })
})

const acquire = (ground: Ground, request: AcquireRequest, restore: Restore): Effect.Effect<HeldLock, AcquireError> =>
  Effect.suspend(() => {
    let lock: HeldLock | null = null
    let acquisition: Acquisition | null = null
    const decided = Effect.callback<HeldLock, AcquireError>((resume) => {
      const granted = (held: HeldLock) => {
        lock = held
        resume(Effect.succeed(held))
      }
      const refused = (refusal: AcquireError) => resume(Effect.fail(refusal))
      acquisition = new Acquisition(ground, request, { granted, refused })
    })
    // A grant and an interruption may come in one turn.
    const takeBack = Effect.sync(() => lock === null ? acquisition?.cancel() : lock.takeBack())
    return Effect.onInterrupt(restore(decided), () => takeBack)
  })

const release = (lock: HeldLock): Effect.Effect<void> =>
  Effect.callback((resume) => lock.release(() => resume(Effect.void)))

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
