/**
 * A timer that can be moved. Moving it later costs an assignment and wakes nobody; moving it earlier
 * wakes its fiber once. It fires once for each time it is set, never early, and dies with its scope.
 */
import { Clock, Effect, Latch } from "effect"

export interface Alarm {
  /** Fires at this reading of the monotonic clock, in milliseconds; null disarms. */
  readonly set: (atMillis: number | null) => void
}

/** Runs `fire` whenever the alarm goes off. */
export const make = Effect.fnUntraced(function*(fire: Effect.Effect<unknown>) {
  const clock = yield* Clock.Clock
  const moved = yield* Latch.make()
  let at: number | null = null
  let sleepsUntil = Infinity
  const set = (atMillis: number | null) => {
    at = atMillis
    if (atMillis !== null && atMillis < sleepsUntil) moved.openUnsafe()
  }
  const wait = Effect.suspend(() => {
    moved.closeUnsafe()
    sleepsUntil = at ?? Infinity
    return at === null ? moved.await : Effect.raceFirst(Effect.sleep(at - monotonicMillis(clock)), moved.await)
  })
  const ring = Effect.suspend(() => {
    if (at === null || monotonicMillis(clock) < at) return Effect.void
    at = null
    return fire
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(wait, ring)), { startImmediately: true })
  return { set } satisfies Alarm
})

/** Monotonic time in milliseconds; only differences mean anything. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe() / 1000n) / 1000
