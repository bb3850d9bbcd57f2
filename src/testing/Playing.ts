/**
 * Runs programs under the test's clock: until they are done, or once for each moment at which their lock can be lost.
 */
import { Effect, type Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { EngineOptions } from "../client/ClientOptions.ts"
import { TestClient } from "./TestClient.ts"
import { TestCluster } from "./TestCluster.ts"

const stepMillis = 50
const playMillisMax = 24 * 60 * 60 * 1_000

/**
 * Runs an effect and lets time pass, in short steps, until it is done. Dies when a day has passed.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { TestClock } from "effect/testing"
 * import { LockClient } from "holdfast"
 * import { play, TestCluster } from "holdfast/testing"
 *
 * const hours = Effect.gen(function*() {
 *   yield* (yield* LockClient).withLock("report")(Effect.sleep("3 hours"))
 * })
 * await Effect.runPromise(play(hours).pipe(Effect.provide([TestCluster.layer(), TestClock.layer()])))
 * ```
 */
export const play = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
  for (let millis = 0; fiber.pollUnsafe() === undefined; millis += stepMillis) {
    if (millis > playMillisMax) return yield* Effect.die(new Error("it was not done within a day of the test's clock"))
    yield* TestClock.adjust(stepMillis)
  }
  return yield* Fiber.join(fiber)
})

const runsMax = 1_000

/**
 * Runs a program again and again, each time in a new cluster: first its lock is lost at the first of its awaits, then
 * at the second, and so on, until it ends before. Returns how each run ended; nothing disturbed the last. What has to
 * be true however it ends belongs into the program. Dies after a thousand runs.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { LockClient } from "holdfast"
 * import { loseAtEveryAwait } from "holdfast/testing"
 *
 * const exits = loseAtEveryAwait("report", Effect.gen(function*() {
 *   const locks = yield* LockClient
 *   yield* locks.withLock("report")(Effect.sleep("1 second"))
 * }))
 * ```
 */
export const loseAtEveryAwait = Effect.fnUntraced(function*<A, E, R>(
  name: string,
  program: Effect.Effect<A, E, R>,
  options: EngineOptions = {}
) {
  const exits: Array<Exit.Exit<A, E>> = []
  for (let nth = 1; nth <= runsMax; nth++) {
    const run = Effect.flatMap(TestClient, ({ loseAtAwait }) => loseAtAwait(name, nth)(program))
    const { exit, isLost } = yield* play(run.pipe(Effect.provide(TestCluster.layer(options)), Effect.scoped))
    exits.push(exit)
    if (!isLost) return exits as ReadonlyArray<Exit.Exit<A, E>>
  }
  return yield* Effect.die(new Error(`the program has more than ${runsMax} awaits under the lock ${name}`))
})
