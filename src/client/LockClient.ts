/**
 * Locks for Effect programs: acquired for a scope or around an effect, renewed for as long as they are held, and known
 * to be lost before anybody else can have them.
 *
 * Nodes that die, leaders that change and answers that are lost are retried inside, until the caller's deadline.
 */
import { Context, Effect, Layer, type Scope, Stream } from "effect"
import type { LockView } from "../api/Locks.ts"
import type { InvalidRequest } from "../api/Problems.ts"
import type { AcquireError, AskError, LockLost, NoNodeAnswers } from "./ClientErrors.ts"
import { type ClientOptions, engineOf, type EngineOptions, engineOver } from "./ClientOptions.ts"
import * as Election from "./Election.ts"
import { Client } from "./engine/Client.ts"
import type { HeldLock } from "./engine/HeldLock.ts"
import type { LeaseClock } from "./LeaseClock.ts"
import { acquireHeld, CurrentLock, type Lock, lockOf, whileHeld } from "./Lock.ts"
import { isOfLocks, type LockEvent } from "./LockEvents.ts"
import { inOneOrder, type LockOptions, type ModeOptions, requestOf, shortened } from "./LockOptions.ts"
import type { ClientTransport } from "./transport/ClientTransport.ts"

type Acquired = Effect.Effect<Lock, AcquireError, Scope.Scope>

type While<Given> = <A, E, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.Effect<A, E | AcquireError | LockLost, Exclude<R, Given>>

/**
 * Leadership under one name.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { CurrentLock, type ElectionOf, LockClient } from "holdfast"
 *
 * const work = Effect.gen(function*() {
 *   yield* Effect.log(`leads with token ${yield* (yield* CurrentLock).token}`)
 * })
 *
 * const program = Effect.gen(function*() {
 *   const election: ElectionOf = (yield* LockClient).elect("scheduler", { value: "10.0.0.1:3000" })
 *   yield* election.lead(work)
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export interface ElectionOf {
  /** Waits to be elected, and leads until the scope closes or the lock is released or lost. */
  readonly campaign: Acquired
  /**
   * Runs an effect while leading, and stands for election again whenever the lead is lost: the effect is then
   * interrupted, and begun anew with the next term. Ends when the effect does.
   */
  readonly lead: <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | AcquireError, Exclude<R, CurrentLock>>
  /** Who leads, now and each time that it is another; null while nobody does. */
  readonly observe: Stream.Stream<Election.Leader | null, AskError | NoNodeAnswers>
}

/**
 * Locks of a cluster.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { LockClient } from "holdfast"
 *
 * const program = Effect.gen(function*() {
 *   const locks = yield* LockClient
 *   yield* locks.withLock("nightly-report")(Effect.log("nobody else is doing this"))
 * })
 *
 * Effect.runPromise(Effect.provide(program, LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] })))
 * ```
 */
export class LockClient extends Context.Service<LockClient, {
  /** Waits for the lock, which is released when the scope closes. */
  readonly acquire: (name: string, options?: LockOptions) => Acquired
  /** As `acquire`, and fails with `LockHeld` at once instead of waiting. */
  readonly tryAcquire: (name: string, options?: LockOptions) => Acquired
  /** Runs an effect while holding the lock. If that is lost, the effect is interrupted and it fails with `LockLost`. */
  readonly withLock: (name: string, options?: LockOptions) => While<CurrentLock>
  /**
   * As `withLock`, with several locks. They are taken in one order, whoever asks, so that no two such effects wait for
   * each other; `wait` is for all of them together.
   */
  readonly withLocks: (names: ReadonlyArray<string>, options?: LockOptions) => While<never>
  /** One of `permits` that may be held at once; all who use the semaphore say the same number. */
  readonly semaphore: (name: string, permits: number, options?: ModeOptions) => Acquired
  /** Held together with other readers, and with no writer. */
  readonly readLock: (name: string, options?: ModeOptions) => Acquired
  /** Held alone. */
  readonly writeLock: (name: string, options?: ModeOptions) => Acquired
  /** Leader election. `value` is what all others can see of the leader. */
  readonly elect: (name: string, options?: ModeOptions) => ElectionOf
  /** What becomes of locks whose names begin so, from now on; over lost nodes, and never silent about a gap. */
  readonly watch: (prefix?: string) => Stream.Stream<LockEvent, NoNodeAnswers>
  /** What the lock is like now. */
  readonly get: (name: string) => Effect.Effect<LockView, AskError>
  /** Whether this is the token of a present holder: for resources that verify instead of comparing. */
  readonly check: (name: string, token: number) => Effect.Effect<boolean, AskError>
}>()("holdfast/LockClient") {
  /** Of the nodes given. Fails on addresses that are none; a cluster that is down is waited for by those who ask. */
  static readonly layerRpc = (options: ClientOptions): Layer.Layer<LockClient, InvalidRequest> =>
    Layer.provide(fromEngine, engineOf(options))

  /** The same where only HTTP passes: nodes are given by the base URLs of their HTTP, `http://host:port`. */
  static readonly layerHttp = (options: ClientOptions): Layer.Layer<LockClient, InvalidRequest> =>
    Layer.provide(fromEngine, engineOf(options))

  /** Over whatever transport and clock are there. */
  static readonly layer = (
    options: EngineOptions
  ): Layer.Layer<LockClient, InvalidRequest, ClientTransport | LeaseClock> =>
    Layer.provide(fromEngine, engineOver(options))
}

const make = (client: Client["Service"]): LockClient["Service"] => {
  const { ttlMillis } = client
  const hold = (name: string, options: LockOptions, waits: boolean) =>
    Effect.flatMap(requestOf(name, options, { ttlMillis, waits }), (request) => acquireHeld(client, request))
  const acquired = (name: string, options: LockOptions, waits = true) =>
    Effect.map(hold(name, options, waits), (held) => lockOf(client, held))
  const holdAll = Effect.fnUntraced(function*(names: ReadonlyArray<string>, options: LockOptions) {
    const left = yield* shortened(options.wait)
    const all: Array<HeldLock> = []
    for (const name of inOneOrder(names)) {
      const next = hold(name, { ...options, wait: yield* left }, true)
      all.push(yield* whileHeld(all, next))
    }
    return all
  })
  return {
    acquire: (name, options = {}) => acquired(name, options),
    tryAcquire: (name, options = {}) => acquired(name, options, false),
    withLock: (name, options = {}) => (effect) =>
      Effect.scoped(
        Effect.flatMap(hold(name, options, true), (held) =>
          whileHeld([held], Effect.provideService(effect, CurrentLock, lockOf(client, held))))
      ) as never,
    withLocks: (names, options = {}) => (effect) =>
      Effect.scoped(Effect.flatMap(holdAll(names, options), (all) => whileHeld(all, effect))) as never,
    semaphore: (name, permits, options = {}) => acquired(name, { ...options, permits }),
    readLock: (name, options = {}) => acquired(name, { ...options, mode: "shared" }),
    writeLock: (name, options = {}) => acquired(name, { ...options, mode: "exclusive" }),
    elect: (name, options = {}) => ({
      campaign: acquired(name, options),
      lead: (effect) =>
        Effect.flatMap(
          requestOf(name, options, { ttlMillis, waits: true }),
          (request) => Election.lead(client, request, effect)
        ),
      observe: Election.observe(client, name)
    }),
    watch: (prefix = "") => Stream.filter(client.watch(prefix), isOfLocks),
    get: (name) => client.look(name),
    check: (name, token) => client.check(name, token)
  }
}

/** Over an engine that is there. */
export const fromEngine = Layer.effect(LockClient, Effect.map(Client, make))
