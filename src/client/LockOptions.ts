/**
 * What may be said with an acquire, checked before anything is asked of a node: a wrong option is told by its own name.
 */
import { Clock, Duration, Effect, Option } from "effect"
import { type Field, type LockMode, makeSentences } from "../api/Fields.ts"
import { defaults as limits } from "../api/Limits.ts"
import { InvalidRequest } from "../api/Problems.ts"
import type { AcquireRequest } from "./engine/Acquisition.ts"

/**
 * Of one acquire. Durations are Effect's inputs: `"15 seconds"`, or a number of milliseconds.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { LockClient, type LockOptions } from "holdfast"
 *
 * const options: LockOptions = { ttl: "10 seconds", wait: "1 minute", maxHold: "5 minutes", value: "job 4711" }
 *
 * const program = Effect.gen(function*() {
 *   yield* (yield* LockClient).withLock("printer", options)(Effect.log("prints"))
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export interface LockOptions {
  /** How long the lock outlives a holder that has died, 1 second to 1 day. Default: the client's. */
  readonly ttl?: Duration.Input | undefined
  /** How long to wait for the lock. Default: for ever. `tryAcquire` never waits. */
  readonly wait?: Duration.Input | undefined
  /**
   * Tells holders of one client apart. The same owner again, with the same `ttl`, gets the grant it has, and waits in
   * the place that it has; whichever of its handles is released first ends the grant for all of them. Default: a fresh
   * one.
   */
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

/**
 * Of a lock that many may hold, or in one of its modes: those come with the call.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { LockClient, type ModeOptions } from "holdfast"
 *
 * const options: ModeOptions = { wait: "5 seconds" }
 *
 * const program = Effect.gen(function*() {
 *   yield* (yield* LockClient).readLock("book", options)
 * }).pipe(Effect.scoped)
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export type ModeOptions = Omit<LockOptions, "mode" | "permits">

/** 15 seconds: a few missed renewals do no harm, and a dead holder is soon forgotten. */
export const ttlMillisDefault = 15_000

export const requestOf = (
  name: string,
  options: LockOptions,
  defaults: { readonly ttlMillis: number; readonly waits: boolean }
): Effect.Effect<AcquireRequest, InvalidRequest> =>
  Effect.suspend(() => {
    const request = read(name, options, defaults)
    return request instanceof InvalidRequest ? Effect.fail(request) : Effect.succeed(request)
  })

const read = (
  name: string,
  options: LockOptions,
  defaults: { readonly ttlMillis: number; readonly waits: boolean }
): AcquireRequest | InvalidRequest => {
  if (!isName(name)) return wrongName
  const field = wrongField(options)
  if (field !== null) return wrong(field)
  const ttlMillis = readMillis("ttl", options.ttl, 1)
  const waitMillis = readMillis("wait", options.wait, 0)
  const lockDelayMillis = readMillis("lockDelay", options.lockDelay, 0)
  const maxHoldMillis = readMillis("maxHold", options.maxHold, 1)
  if (ttlMillis instanceof InvalidRequest) return ttlMillis
  if (waitMillis instanceof InvalidRequest) return waitMillis
  if (lockDelayMillis instanceof InvalidRequest) return lockDelayMillis
  if (maxHoldMillis instanceof InvalidRequest) return maxHoldMillis
  return {
    name,
    ttlMillis: ttlMillis ?? defaults.ttlMillis,
    waitMillis: defaults.waits && waitMillis !== 0 ? waitMillis ?? Infinity : null,
    owner: options.owner ?? null,
    mode: options.mode ?? "exclusive",
    permits: options.permits ?? 1,
    lockDelayMillis: lockDelayMillis ?? 0,
    maxHoldMillis,
    value: options.value ?? null
  }
}

/** What no node and no URL would take for a name; how long it may be is the node's to say. */
export const isName = (name: string): boolean => isText(name) && !/^\.{0,2}$|\0/.test(name)

export const wrong = (field: Field): InvalidRequest =>
  new InvalidRequest({ field, detail: `\`${field}\` must be ${makeSentences(limits)[field]}.` })

export const wrongName = wrong("name")

/** What no node can be asked, as a program without types may have it. How long it may be, a node says. */
const wrongField = ({ mode = "exclusive", owner = "", permits = 1, value = "" }: LockOptions): Field | null => {
  if (!isText(owner)) return "owner"
  if (!isText(value)) return "value"
  if (mode !== "exclusive" && mode !== "shared") return "mode"
  return Number.isSafeInteger(permits) && permits >= 1 && (mode === "exclusive" || permits === 1) ? null : "permits"
}

/** What can be said to a node at all. */
export const isText = (text: string): boolean =>
  typeof text === "string" && text.length <= textUnitsMax && text.isWellFormed()

/** Far more than any node takes, and so few that a name, an owner and a value fit into one frame. */
const textUnitsMax = 100_000

export const isToken = (token: number): boolean => Number.isSafeInteger(token) && token >= 1

/** Whole milliseconds; null if it was not given. Only a wait may be without an end. */
export const millisOf = (
  option: string,
  given: Duration.Input | undefined,
  least: number
): Effect.Effect<number | null, InvalidRequest> =>
  Effect.suspend(() => {
    const millis = readMillis(option, given, least)
    return millis instanceof InvalidRequest ? Effect.fail(millis) : Effect.succeed(millis)
  })

const readMillis = (
  option: string,
  given: Duration.Input | undefined,
  least: number
): number | null | InvalidRequest => {
  if (given === undefined) return null
  // A number is what it says; of `NaN` a duration would make nothing.
  const millis = typeof given === "number"
    ? given
    : Option.match(Duration.fromInput(given), { onNone: () => NaN, onSome: Duration.toMillis })
  const most = option === "wait" ? Infinity : Number.MAX_SAFE_INTEGER
  if (millis >= least && millis <= most) return Math.ceil(millis)
  const detail = `\`${option}\` must be a duration, such as "15 seconds" or a number of milliseconds, ` +
    `and at least ${least} ms.`
  return new InvalidRequest({ field: option, detail })
}

/** Each name once, in the order of its UTF-16 units, which is the same everywhere. */
export const inOneOrder = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)].toSorted()

/** What is left of a wait that begins now, whenever it is asked; undefined if it has no end. */
export const shortened = (
  wait: Duration.Input | undefined
): Effect.Effect<Effect.Effect<Duration.Input | undefined>, InvalidRequest> =>
  Effect.gen(function*() {
    const millis = yield* millisOf("wait", wait, 0)
    if (millis === null) return Effect.undefined
    const clock = yield* Clock.Clock
    const elapsedSince = (from: bigint) => Number(clock.monotonicTimeNanosUnsafe() - from) / 1e6
    const from = clock.monotonicTimeNanosUnsafe()
    return Effect.sync(() => Math.max(1, millis - elapsedSince(from)))
  })
