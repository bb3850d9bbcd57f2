/**
 * What may be said with an acquire, checked before anything is asked of a node: a wrong option is told by its own name.
 */
import { Duration, Effect, Option } from "effect"
import type { LockMode } from "../api/Fields.ts"
import { InvalidRequest } from "../api/Problems.ts"
import type { AcquireRequest } from "./engine/Acquisition.ts"

/** Of one acquire. Durations are Effect's inputs: `"15 seconds"`, or a number of milliseconds. */
export interface LockOptions {
  /** How long the lock outlives a holder that has died, 1 second to 1 day. Default: the client's. */
  readonly ttl?: Duration.Input | undefined
  /** How long to wait for the lock. Default: for ever. `tryAcquire` never waits. */
  readonly wait?: Duration.Input | undefined
  /** Tells holders of one client apart; the same owner again gets the grant it has. Default: a fresh one. */
  readonly owner?: string | undefined
  /** Default: `"exclusive"`. */
  readonly mode?: LockMode | undefined
  /** How many may hold the lock at once, 1 to 10,000; all who use it say the same. Default: 1. */
  readonly permits?: number | undefined
  /** How long nobody gets the lock after a holder that has died, to 1 minute. Default: 0. */
  readonly lockDelay?: Duration.Input | undefined
  /** After this the lock is lost, renewed or not, 1 second to 1 day. Default: no such limit. */
  readonly maxHold?: Duration.Input | undefined
  /** Shown to others with the lock: at most 4 KiB of UTF-8. */
  readonly value?: string | undefined
}

/** Of a lock that many may hold, or in one of its modes: those come with the call. */
export type ModeOptions = Omit<LockOptions, "mode" | "permits">

/** 15 seconds: a few missed renewals do no harm, and a dead holder is soon forgotten. */
export const ttlMillisDefault = 15_000

export const requestOf = (
  name: string,
  options: LockOptions,
  defaults: { readonly ttlMillis: number; readonly waits: boolean }
): Effect.Effect<AcquireRequest, InvalidRequest> =>
  Effect.gen(function*() {
    const ttlMillis = yield* millisOf("ttl", options.ttl, 1)
    const waitMillis = yield* millisOf("wait", options.wait, 0)
    const lockDelayMillis = yield* millisOf("lockDelay", options.lockDelay, 0)
    const maxHoldMillis = yield* millisOf("maxHold", options.maxHold, 1)
    return {
      name,
      ttlMillis: ttlMillis ?? defaults.ttlMillis,
      waitMillis: defaults.waits ? waitMillis ?? Infinity : null,
      owner: options.owner ?? null,
      mode: options.mode ?? "exclusive",
      permits: options.permits ?? 1,
      lockDelayMillis: lockDelayMillis ?? 0,
      maxHoldMillis,
      value: options.value ?? null
    }
  })

/** Whole milliseconds; null if it was not given. Only a wait may be without an end. */
export const millisOf = (
  option: string,
  given: Duration.Input | undefined,
  least: number
): Effect.Effect<number | null, InvalidRequest> => {
  if (given === undefined) return Effect.succeed(null)
  const millis = Option.match(Duration.fromInput(given), { onNone: () => NaN, onSome: Duration.toMillis })
  const isEndless = millis === Infinity && option === "wait"
  if (isEndless || (millis >= least && millis < Infinity)) return Effect.succeed(isEndless ? millis : Math.ceil(millis))
  return Effect.fail(
    new InvalidRequest({
      field: option,
      detail:
        `\`${option}\` must be a duration, such as "15 seconds" or a number of milliseconds, and at least ${least} ms.`
    })
  )
}
