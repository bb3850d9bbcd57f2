/**
 * The signals that ask a server to stop: Ctrl-C, the service manager, a terminal that closes. They are
 * held until its scope is closed, so that a second one cannot cut the stopping short; a stop that takes
 * too long is cut short here.
 */
import { Deferred, Effect } from "effect"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** An effect that succeeds when the first of them arrives. */
export const watch = Effect.fnUntraced(function*(stopMillisMax: number) {
  const arrived = yield* Deferred.make<void>()
  const onSignal = () => {
    if (Deferred.doneUnsafe(arrived, Effect.void)) setTimeout(giveUp, stopMillisMax, stopMillisMax).unref()
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => signals.forEach((signal) => process.on(signal, onSignal))),
    () => Effect.sync(() => signals.forEach((signal) => process.off(signal, onSignal)))
  )
  return Deferred.await(arrived)
})

const giveUp = (millis: number) => {
  process.stderr.write(`holdfast: has not stopped within ${millis / 1_000} s, and ends without\n`)
  process.exit(1)
}
