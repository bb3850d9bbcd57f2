/**
 * A lock in the hands of a program of promises, and work that is done while it is held.
 *
 * Work cannot be interrupted: it is told by its signal, and whoever called it hears of its end when it has ended.
 */
import type { HeldLock } from "../engine/HeldLock.ts"
import { looking } from "../engine/LookingSignal.ts"
import type { Lock } from "./Types.ts"

export type Release = (held: HeldLock) => Promise<void>

export const lockOf = (held: HeldLock, release: Release): Lock => ({
  name: held.name,
  get token() {
    return held.token
  },
  get state() {
    return held.state
  },
  get signal() {
    return held.signal
  },
  assertHeld: () => held.assertHeld(),
  release: () => release(held),
  [Symbol.asyncDispose]: () => release(held)
})

/** Aborts when one of the locks is lost, or the caller's signal aborts. */
export const signalOf = (all: ReadonlyArray<HeldLock>, signal: AbortSignal | undefined): AbortSignal => {
  const signals = all.map((held) => held.signal)
  const [first] = signals
  if (first !== undefined && signals.length === 1 && signal === undefined) return first
  return looking(AbortSignal.any(signal === undefined ? signals : [...signals, signal]), () => {
    for (const one of all) void one.loss
  })
}

/** Does the work, unless a lock is lost already, gives the locks back, and says what became of it. */
export const doWhileHeld = <A>(
  all: ReadonlyArray<HeldLock>,
  signal: AbortSignal | undefined,
  release: Release,
  work: (signal: AbortSignal) => PromiseLike<A> | A
): Promise<A> => {
  const releaseAll = (): Promise<unknown> => Promise.all(all.map(release))
  const lossOf = () => all.map((held) => held.unwantedLoss).find((loss) => loss !== null)
  const begin = (): PromiseLike<A> | A => {
    const loss = lossOf()
    if (loss !== undefined) throw loss
    return work(signalOf(all, signal))
  }
  return new Promise<A>((resolve) => resolve(begin())).then(
    (value) => {
      const loss = lossOf()
      return releaseAll().then(() => {
        if (loss !== undefined) throw loss
        return value
      })
    },
    (error: unknown) => {
      const loss = lossOf()
      return releaseAll().then(() => {
        throw loss ?? error
      })
    }
  )
}
