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
      let asleepMillis = machineMillis(clock) - monotonicMillis()
      const from = asleepMillis
      const atLeast = () => monotonicMillis() + asleepMillis - from
      return LeaseClock.of({
        atLeast,
        now: () => {
          asleepMillis = Math.max(asleepMillis, machineMillis(clock) - monotonicMillis())
          return atLeast()
        }
      })
    })
  )
}

/** Milliseconds for which this machine has been up, sleep included. */
export const MachineUptime = Context.Reference<(clock: Clock.Clock) => number>("client/MachineUptime", {
  defaultValue: () => makeUptime(() => uptime() * 1000)
})

/**
 * Asks the machine, which opens a file for it, only when there may be something new: when the time of day has gone
 * another way than the monotonic clock, as it does while the machine sleeps, and now and then in any case. The time of
 * day decides nothing but that.
 */
export const makeUptime = (read: () => number): (clock: Clock.Clock) => number => {
  let uptime = 0
  let readAt = -Infinity
  let ahead = 0
  return (clock) => {
    const monotonic = Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    const dayAhead = clock.currentTimeMillisUnsafe() - monotonic
    if (monotonic - readAt >= trustedMillis || Math.abs(dayAhead - ahead) >= driftMillis) {
      uptime = read()
      readAt = monotonic
      ahead = dayAhead
    }
    return uptime + monotonic - readAt
  }
}

/** A small part of what the shortest TTL leaves between what a client counts and what the cluster does. */
const trustedMillis = 20
/** The time of day is told in whole milliseconds. */
const driftMillis = 5
