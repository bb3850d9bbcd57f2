/**
 * A process for tests: what of its client runs by itself, its timers and its messages, can be made to stand still while
 * time goes on for everybody else.
 */
import { Clock, Effect, Latch } from "effect"
import type { Wire } from "./Wire.ts"

export class Standstill {
  /** The clock of all that runs by itself in the process. */
  readonly clock: Clock.Clock
  readonly #running = Latch.makeUnsafe(true)
  readonly #wire: Wire
  #isOver = false

  constructor(clock: Clock.Clock, wire: Wire) {
    this.#wire = wire
    this.clock = {
      currentTimeMillis: clock.currentTimeMillis,
      currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
      currentTimeNanos: clock.currentTimeNanos,
      currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
      monotonicTimeNanos: clock.monotonicTimeNanos,
      monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
      sleep: (duration) =>
        Effect.suspend(() => this.#isOver ? soon : Effect.andThen(clock.sleep(duration), this.#running.await))
    }
  }

  /** From now on it waits for nothing: a test that ends lets no time pass. */
  end(): void {
    this.#isOver = true
  }

  /** Whatever `time` is, the process does nothing meanwhile. Who waited for its end goes on before all others. */
  during<E, R>(time: Effect.Effect<void, E, R>): Effect.Effect<void, E, R> {
    const stop = Effect.sync(() => {
      this.#running.closeUnsafe()
      this.#wire.sending.closeUnsafe()
      this.#wire.holdAnswers()
    })
    const goOn = Effect.sync(() => {
      this.#running.openUnsafe()
      this.#wire.sending.openUnsafe()
      this.#wire.tellAnswers()
    })
    return Effect.acquireUseRelease(stop, () => time, () => Effect.asVoid(Effect.forkDetach(goOn)))
  }
}

/** When all that needs no time has had its turn. */
const soon = Effect.asVoid(Effect.replicateEffect(Effect.yieldNow, 100, { discard: true }))
