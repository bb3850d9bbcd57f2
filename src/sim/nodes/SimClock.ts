/**
 * The clock of one machine. It runs at a rate of its own and may be set back; whoever sleeps by it sleeps at that rate;
 * and while the machine stands still nobody wakes. Its time of day is hours off, which must not matter to anybody.
 */
import { type Clock, Duration, Effect } from "effect"
import type { Rng } from "../Rng.ts"

export class SimClock {
  readonly clock: Clock.Clock
  readonly rate: number
  readonly #base: Clock.Clock
  #backMillis = 0
  #stillUntil = 0

  constructor(base: Clock.Clock, rate: number, wallOffMillis: number) {
    this.#base = base
    this.rate = rate
    const wallMillis = (): number => base.currentTimeMillisUnsafe() + wallOffMillis
    const wallNanos = (): bigint => base.currentTimeNanosUnsafe() + BigInt(wallOffMillis) * 1_000_000n
    this.clock = {
      currentTimeMillisUnsafe: wallMillis,
      currentTimeMillis: Effect.sync(wallMillis),
      currentTimeNanosUnsafe: wallNanos,
      currentTimeNanos: Effect.sync(wallNanos),
      monotonicTimeNanosUnsafe: () => this.#nanos(),
      monotonicTimeNanos: Effect.sync(() => this.#nanos()),
      sleep: (duration) => this.#sleep(duration)
    }
  }

  /** Whatever sleeps wakes no sooner than when so much of real time has passed. */
  standStill(millis: number): void {
    this.#stillUntil = Math.max(this.#stillUntil, this.#base.currentTimeMillisUnsafe() + millis)
  }

  /** No monotonic clock goes back; a machine that is broken so must do no harm either. */
  setBack(millis: number): void {
    this.#backMillis += millis
  }

  /** When it can do something: at once, unless it stands still. */
  readonly awake: Effect.Effect<void> = Effect.suspend(() => {
    const left = this.#stillUntil - this.#base.currentTimeMillisUnsafe()
    return left > 0 ? Effect.andThen(this.#base.sleep(Duration.millis(left)), this.awake) : Effect.void
  })

  #nanos(): bigint {
    const micros = Number(this.#base.monotonicTimeNanosUnsafe()) / 1000
    return BigInt(Math.floor(micros * this.rate - this.#backMillis * 1000)) * 1000n
  }

  /** Timers go by whole milliseconds, and never early. */
  #sleep(duration: Duration.Duration): Effect.Effect<void> {
    const slept = this.#base.sleep(Duration.millis(Math.ceil(Duration.toMillis(duration) / this.rate)))
    return Effect.andThen(slept, this.awake)
  }
}

/** Up to a day off, either way. */
export const drawWallOff = (rng: Rng): number => rng.between(-wallOffMillisMax, wallOffMillisMax)

const wallOffMillisMax = 86_400_000
