/**
 * Locks for Effect programs: acquired for a scope or around an effect, renewed for as long as they are held, and known
 * to be lost before anybody else can have them.
 *
 * Nodes that die, leaders that change and answers that are lost are retried inside, until the caller's deadline.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import { parseAddress } from "../api/Address.ts"
import { InvalidRequest } from "../api/Problems.ts"
import type { Problem } from "../api/rpc/Conversation.ts"
import type { LockLost, Unavailable } from "./ClientErrors.ts"
import * as Client from "./engine/Client.ts"
import type { HeldLock, LockState } from "./engine/HeldLock.ts"
import { LeaseClock } from "./LeaseClock.ts"
import { type LockOptions, millisOf, type ModeOptions, requestOf, ttlMillisDefault } from "./LockOptions.ts"
import type { ClientTransport } from "./transport/ClientTransport.ts"
import * as RpcTransport from "./transport/RpcTransport.ts"

/** Why a lock was not acquired. */
export type AcquireError = Exclude<Problem, { readonly _tag: "NotHolder" | "RequestStale" }> | Unavailable

/** A lock that is held, until it is released or lost. */
export interface Lock {
  readonly name: string
  /** The fencing token: give it to whatever the lock protects. Later grants have greater ones. */
  readonly token: Effect.Effect<number, LockLost>
  readonly state: Effect.Effect<LockState>
  /** Aborts when the lock is lost, with the `LockLost` as its reason; a release does not abort it. */
  readonly signal: AbortSignal
  readonly assertHeld: Effect.Effect<void, LockLost>
  /** Fails when the lock is lost. */
  readonly lost: Effect.Effect<never, LockLost>
  /** Gives the lock back. It may be called again, and never fails because the lock had expired. */
  readonly release: Effect.Effect<void>
}

/** The lock that `withLock` holds around an effect. */
export class CurrentLock extends Context.Service<CurrentLock, Lock>()("holdfast/CurrentLock") {}

export interface ClientOptions {
  /** Where nodes listen for client RPC, `host:port`. Some are enough: the leader is found through them. */
  readonly nodes: ReadonlyArray<string>
  /** Of locks that ask for no other. Default: 15 seconds. */
  readonly ttl?: LockOptions["ttl"]
  /** Shown to others as the holder: at most 128 bytes of UTF-8. Default: empty. */
  readonly label?: string | undefined
}

type WithLock = <A, E, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.Effect<A, E | AcquireError | LockLost, Exclude<R, CurrentLock>>

export class LockClient extends Context.Service<LockClient, {
  /** Waits for the lock, which is released when the scope closes. */
  readonly acquire: (name: string, options?: LockOptions) => Effect.Effect<Lock, AcquireError, Scope.Scope>
  /** As `acquire`, and fails with `LockHeld` at once instead of waiting. */
  readonly tryAcquire: (name: string, options?: LockOptions) => Effect.Effect<Lock, AcquireError, Scope.Scope>
  /** Runs an effect while holding the lock. If that is lost, the effect is interrupted and it fails with `LockLost`. */
  readonly withLock: (name: string, options?: LockOptions) => WithLock
  /** One of `permits` that may be held at once. */
  readonly semaphore: (
    name: string,
    permits: number,
    options?: ModeOptions
  ) => Effect.Effect<Lock, AcquireError, Scope.Scope>
  /** Held together with other readers, and with no writer. */
  readonly readLock: (name: string, options?: ModeOptions) => Effect.Effect<Lock, AcquireError, Scope.Scope>
  /** Held alone. */
  readonly writeLock: (name: string, options?: ModeOptions) => Effect.Effect<Lock, AcquireError, Scope.Scope>
}>()("holdfast/LockClient") {
  /** Over client RPC. Fails on addresses that are none; a cluster that is down is waited for by those who ask. */
  static readonly layerRpc = (options: ClientOptions): Layer.Layer<LockClient, InvalidRequest> =>
    Layer.unwrap(
      Effect.map(addressesOf(options.nodes), (nodes) =>
        LockClient.layer(options).pipe(Layer.provide([RpcTransport.layer(nodes), LeaseClock.layer])))
    )

  /** Over whatever transport is there. */
  static readonly layer = (
    options: Omit<ClientOptions, "nodes">
  ): Layer.Layer<LockClient, InvalidRequest, ClientTransport | LeaseClock> => Layer.effect(LockClient, make(options))
}

const addressesOf = (nodes: ReadonlyArray<string>) =>
  nodes.length === 0
    ? Effect.fail(new InvalidRequest({ field: "nodes", detail: "`nodes` must name at least one node." }))
    : Effect.forEach(nodes, (node) =>
      Effect.fromOption(parseAddress(node)).pipe(Effect.mapError(() =>
        new InvalidRequest({ field: "nodes", detail: `\`nodes\` must be like "host:7081", and ${node} is not.` })
      )))

const make = Effect.fnUntraced(function*({ label = "", ttl }: Omit<ClientOptions, "nodes">) {
  const ttlMillis = (yield* millisOf("ttl", ttl, 1)) ?? ttlMillisDefault
  const client = yield* Client.make({ label })
  const acquired = (name: string, options: LockOptions, waits: boolean) =>
    Effect.flatMap(requestOf(name, options, { ttlMillis, waits }), client.acquire) as Effect.Effect<
      HeldLock,
      AcquireError,
      Scope.Scope
    >
  const scoped = (name: string, options: LockOptions, waits: boolean) =>
    Effect.map(acquired(name, options, waits), (held) => lockOf(client, held))
  return LockClient.of({
    acquire: (name, options = {}) => scoped(name, options, true),
    tryAcquire: (name, options = {}) => scoped(name, options, false),
    withLock: (name, options = {}) => (effect) =>
      Effect.scoped(Effect.flatMap(
        acquired(name, options, true),
        (held) => whileHeld(held, Effect.provideService(effect, CurrentLock, lockOf(client, held)))
      )) as never,
    semaphore: (name, permits, options = {}) => scoped(name, { ...options, permits }, true),
    readLock: (name, options = {}) => scoped(name, { ...options, mode: "shared" }, true),
    writeLock: (name, options = {}) => scoped(name, { ...options, mode: "exclusive" }, true)
  })
})

/** What was done in a lock that is lost by the end was not all done under it. */
const whileHeld = <A, E, R>(held: HeldLock, effect: Effect.Effect<A, E, R>) =>
  Effect.raceFirst(Effect.tap(effect, () => assertHeld(held)), lost(held))

const assertHeld = (held: HeldLock): Effect.Effect<void, LockLost> =>
  Effect.suspend(() => held.loss === null ? Effect.void : Effect.fail(held.loss))

const lost = (held: HeldLock): Effect.Effect<never, LockLost> =>
  Effect.callback((resume) => Effect.sync(held.onLost((loss) => resume(Effect.fail(loss)))))

const lockOf = (client: Client.Client, held: HeldLock): Lock => ({
  name: held.name,
  token: Effect.as(assertHeld(held), held.facts.token),
  state: Effect.sync(() => held.state),
  get signal() {
    return held.signal
  },
  assertHeld: assertHeld(held),
  lost: lost(held),
  release: client.release(held)
})
