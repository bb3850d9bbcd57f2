/**
 * The clock that leases are counted on: the larger of the monotonic clock and the machine's uptime, because the
 * monotonic clock stands still while a laptop sleeps. It never goes back, and knows nothing of the time of day.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { uptime } from "node:os"

export class LeaseClock extends Context.Service<LeaseClock, {
  /** Milliseconds since some moment of this process's past. It asks the machine, which takes a few microseconds. */
  readonly now: () => number
  /** The same as far as is known without asking: a sleep that nobody has noticed yet is missing, so it is early. */
  readonly atLeast: () => number
}>()("client/LeaseClock") {
  static readonly layer = Layer.effect(
    LeaseClock,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const machineMillis = yield* MachineUptime
      const monotonicMillis = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
      // How much longer the machine has been up than the monotonic clock has run: more each time that it sleeps.
      let asleepMillis = machineMillis() - monotonicMillis()
      const from = asleepMillis
      const atLeast = () => monotonicMillis() + asleepMillis - from
      return LeaseClock.of({
        atLeast,
        now: () => {
          asleepMillis = Math.max(asleepMillis, machineMillis() - monotonicMillis())
          return atLeast()
        }
      })
    })
  )
}

/** Milliseconds for which this machine has been up, sleep included. */
export const MachineUptime = Context.Reference<() => number>("client/MachineUptime", {
  defaultValue: () => () => uptime() * 1000
})
