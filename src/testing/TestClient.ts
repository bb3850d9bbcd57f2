/**
 * A client of a cluster in memory, and what a test can do to it: take its locks away, cut it off, lose its answers, let
 * its whole process stand still. Each is what can happen to a real one, at the moment that the test names.
 */
import { Context, type Duration, Effect, type Exit, Fiber } from "effect"
import type { LockClient } from "../client/LockClient.ts"
import type { HeldLocks } from "./HeldLocks.ts"
import type { Standstill } from "./Standstill.ts"
import type { Wire } from "./Wire.ts"

/** How an effect ended, and whether its lock was lost before. */
export interface Disturbed<A, E> {
  readonly exit: Exit.Exit<A, E>
  /** False if it had fewer awaits under the lock: then nothing disturbed it. */
  readonly isLost: boolean
}

/**
 * A client of a cluster in memory, in the hands of a test: what can happen to a real one happens when the test says.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { TestClock } from "effect/testing"
 * import { TestClient, TestCluster } from "holdfast/testing"
 *
 * const program = Effect.gen(function*() {
 *   const { locks, lose } = yield* TestClient
 *   const lock = yield* locks.acquire("report")
 *   yield* lose("report")
 *   console.log(yield* lock.state)
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide([TestCluster.layer(), TestClock.layer()])))
 * ```
 */
export class TestClient extends Context.Service<TestClient, {
  /** What the program under test uses. */
  readonly locks: LockClient["Service"]
  /**
   * Takes a lock that this client holds away, now: the cluster ends its session, and the client knows at once. Dies if
   * it holds no such lock.
   */
  readonly lose: (name: string) => Effect.Effect<void>
  /**
   * Runs an effect, and loses the lock at the `nth` of the effect's awaits under it, counted from 1: when one of its
   * fibers begins, or goes on after it had to wait for anything. See `loseAtEveryAwait`.
   */
  readonly loseAtAwait: (
    name: string,
    nth: number
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Disturbed<A, E>, never, R>
  /**
   * The process of this client stands still for so long, as in a long collection of garbage or on a laptop that sleeps:
   * no renewal leaves it, no answer reaches it, no timer of it fires. Whoever calls this goes on before the client
   * notices. The test moves the clock meanwhile.
   */
  readonly pause: (duration: Duration.Input) => Effect.Effect<void>
  /** No node is reached any more, until `reconnect`. */
  readonly disconnect: Effect.Effect<void>
  /** Nodes are reached again. */
  readonly reconnect: Effect.Effect<void>
  /** The cluster does what it is asked next, and the answer is lost with the connection; so many times. */
  readonly loseAnswers: (count: number) => Effect.Effect<void>
  /**
   * Runs an acquire and interrupts it in the very turn in which it is granted: after it has been told of the grant, or
   * before. Dies if the lock is not free.
   */
  readonly raceGrantWithCancel: <A, E, R>(
    acquire: Effect.Effect<A, E, R>,
    first: "grant" | "cancel"
  ) => Effect.Effect<Exit.Exit<A, E>, never, R>
}>()("holdfast/testing/TestClient") {}

interface Parts {
  readonly locks: LockClient["Service"]
  readonly wire: Wire
  readonly standstill: Standstill
  readonly held: HeldLocks
}

export const make = ({ held, locks, standstill, wire }: Parts): TestClient["Service"] => ({
  locks,
  lose: (name) =>
    Effect.suspend(() =>
      held.lose(name) ? Effect.void : Effect.die(new Error(`this client holds no lock ${JSON.stringify(name)}`))
    ),
  loseAtAwait: (name, nth) => (effect) => held.losingAtAwait(name, nth, effect),
  pause: (duration) => standstill.during(Effect.sleep(duration)),
  disconnect: Effect.sync(() => wire.cut()),
  reconnect: Effect.sync(() => {
    wire.isCut = false
  }),
  loseAnswers: (count) =>
    Effect.sync(() => {
      wire.answersToLose = count
    }),
  raceGrantWithCancel: (acquire, first) => raceGrantWithCancel(wire, acquire, first)
})

const turnsMax = 1_000

const raceGrantWithCancel = Effect.fnUntraced(function*<A, E, R>(
  wire: Wire,
  acquire: Effect.Effect<A, E, R>,
  first: "grant" | "cancel"
) {
  wire.holdGrants()
  const fiber = yield* Effect.forkChild(acquire, { startImmediately: true })
  for (let turn = 0; !wire.hasGrant && fiber.pollUnsafe() === undefined; turn++) {
    if (turn === turnsMax) return yield* Effect.die(new Error("the lock was not granted: is it free?"))
    yield* Effect.yieldNow
  }
  if (first === "grant") wire.tellAnswers()
  fiber.interruptUnsafe()
  wire.tellAnswers()
  return yield* Fiber.await(fiber)
}, (effect, wire) => Effect.ensuring(effect, Effect.sync(() => wire.tellAnswers())))
