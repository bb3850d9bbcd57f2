/**
 * From effects to promises: a signal interrupts, and a promise rejects with the error itself, or with the reason of the
 * signal that stopped it.
 */
import { Cause, Effect, type ManagedRuntime, Option, Stream } from "effect"
import { closed } from "../engine/Refusals.ts"

export type Runtime<R, E> = ManagedRuntime.ManagedRuntime<R, E>

export const run = <A, E, R, ER>(
  runtime: Runtime<R, ER>,
  effect: Effect.Effect<A, E, R>,
  signal: AbortSignal | undefined
): Promise<A> => {
  if (signal?.aborted === true) return Promise.reject(signal.reason)
  return runtime.runPromiseExit(effect, signal && { signal }).then((exit) => {
    if (exit._tag === "Success") return exit.value
    throw whyOf(exit.cause, signal)
  })
}

const whyOf = (cause: Cause.Cause<unknown>, signal: AbortSignal | undefined): unknown => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error !== undefined) return error
  if (!Cause.hasInterruptsOnly(cause)) return Cause.squash(cause)
  return signal?.aborted === true ? signal.reason : closed()
}

/** Ends with the reason of the signal. */
export const until = <A, E, R>(stream: Stream.Stream<A, E, R>, signal: AbortSignal | undefined) =>
  signal === undefined ? stream : Stream.interruptWhen(stream, aborted(signal))

const aborted = (signal: AbortSignal): Effect.Effect<never, unknown> =>
  Effect.callback((resume) => {
    const abort = () => resume(Effect.fail(signal.reason))
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })
