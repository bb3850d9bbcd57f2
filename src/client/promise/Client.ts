/**
 * The client for programs of promises: the same engine as `LockClient`, with `AbortSignal`s in and out.
 */
import { Context, Deferred, Effect, ManagedRuntime, Stream } from "effect"
import { engineOf } from "../ClientOptions.ts"
import * as Election from "../Election.ts"
import { Client as Engine } from "../engine/Client.ts"
import type { HeldLock } from "../engine/HeldLock.ts"
import { closed } from "../engine/Refusals.ts"
import { isOfLocks } from "../LockEvents.ts"
import { inOneOrder, requestOf, shortened } from "../LockOptions.ts"
import { doWhileHeld, lockOf, signalOf } from "./HeldWork.ts"
import { run, until } from "./Running.ts"
import type { LockEvent, LockInfo } from "./Told.ts"
import type * as Types from "./Types.ts"

/**
 * Makes a client of a cluster. It connects when it is first asked for something, and rejects at once, with
 * `InvalidRequest`, only what is wrong in its options.
 *
 * @example
 * ```ts
 * import { createClient } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081", "127.0.0.1:7082", "127.0.0.1:7083"] })
 * await client.withLock("nightly-report", async ({ token, signal }) => {
 *   console.log(`nobody else is doing this; ${token} proves it`, signal.aborted)
 * })
 * ```
 */
export const createClient = (options: Types.ClientOptions): Promise<Types.Client> =>
  new Promise<Runtime>((resolve) => resolve(ManagedRuntime.make(engineOf(options)))).then((runtime) =>
    runtime.context().then((context) => new PromiseClient(runtime, Context.get(context, Engine)))
  )

type Runtime = ReturnType<typeof makeRuntime>

const makeRuntime = (options: Types.ClientOptions) => ManagedRuntime.make(engineOf(options))

class PromiseClient implements Types.Client {
  readonly #runtime: Runtime
  readonly #engine: Engine["Service"]
  readonly #closed = Deferred.makeUnsafe<void>()
  #isClosed = false

  constructor(runtime: Runtime, engine: Engine["Service"]) {
    this.#runtime = runtime
    this.#engine = engine
  }

  acquire(name: string, options: Types.LockOptions = {}): Promise<Types.Lock> {
    return this.#lock(name, options, true)
  }

  tryAcquire(name: string, options: Types.LockOptions = {}): Promise<Types.Lock> {
    return this.#lock(name, options, false)
  }

  semaphore(name: string, permits: number, options: Types.ModeOptions = {}): Promise<Types.Lock> {
    return this.#lock(name, { ...options, permits }, true)
  }

  readLock(name: string, options: Types.ModeOptions = {}): Promise<Types.Lock> {
    return this.#lock(name, { ...options, mode: "shared" }, true)
  }

  writeLock(name: string, options: Types.ModeOptions = {}): Promise<Types.Lock> {
    return this.#lock(name, { ...options, mode: "exclusive" }, true)
  }

  withLock<A>(name: string, given: Types.LockOptions | Types.Work<A>, last?: Types.Work<A>): Promise<A> {
    const options = typeof given === "function" ? {} : given
    const work = typeof given === "function" ? given : last!
    return this.#hold(name, options, true).then((held) => this.#do(held, options.signal, work))
  }

  withLocks<A>(
    names: ReadonlyArray<string>,
    options: Types.LockOptions,
    work: (held: { readonly locks: ReadonlyArray<Types.Lock>; readonly signal: AbortSignal }) => PromiseLike<A> | A
  ): Promise<A> {
    return this.#holdAll(names, options).then((all) => {
      const locks = names.map((name) => lockOf(all.get(name)!, this.#release))
      return doWhileHeld([...all.values()], options.signal, this.#release, (signal) => work({ locks, signal }))
    })
  }

  elect(name: string, options: Types.ModeOptions = {}): Types.Election {
    return {
      campaign: () => this.#lock(name, options, true),
      lead: (work) => this.#lead(name, options, work),
      observe: ({ signal } = {}) => this.#iterate(Election.observe(this.#engine, name), signal)
    }
  }

  watch(prefix = "", options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<LockEvent> {
    return this.#iterate(Stream.filter(this.#engine.watch(prefix), isOfLocks), options.signal)
  }

  get(name: string): Promise<LockInfo> {
    return this.#run(this.#engine.look(name), undefined)
  }

  check(name: string, token: number): Promise<boolean> {
    return this.#run(this.#engine.check(name, token), undefined)
  }

  close(): Promise<void> {
    this.#isClosed = true
    Deferred.doneUnsafe(this.#closed, Effect.void)
    return this.#runtime.dispose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #run<A, E>(effect: Effect.Effect<A, E>, signal: AbortSignal | undefined): Promise<A> {
    return this.#isClosed ? Promise.reject(closed()) : run(this.#runtime, effect, signal)
  }

  #lock(name: string, options: Types.LockOptions, waits: boolean): Promise<Types.Lock> {
    return this.#hold(name, options, waits).then((held) => lockOf(held, this.#release))
  }

  /** Leaves nothing behind when the signal aborts, be it in the very turn of the grant. */
  #hold(name: string, options: Types.LockOptions, waits: boolean): Promise<HeldLock> {
    const engine = this.#engine
    let held: HeldLock | null = null
    const hold = Effect.uninterruptibleMask((restore) =>
      requestOf(name, options, { ttlMillis: engine.ttlMillis, waits }).pipe(
        Effect.flatMap((request) => engine.acquire(request, restore)),
        Effect.tap((lock) => Effect.sync(() => (held = lock)))
      )
    )
    return this.#run(hold, options.signal).catch((error: unknown) => {
      held?.takeBack()
      throw error
    })
  }

  #holdAll(names: ReadonlyArray<string>, options: Types.LockOptions): Promise<ReadonlyMap<string, HeldLock>> {
    const all = new Map<string, HeldLock>()
    const releaseAll = () => Promise.all([...all.values()].map(this.#release))
    return this.#run(shortened(options.wait), undefined).then((left) => {
      const holdNext = (held: Promise<unknown>, name: string) =>
        held
          .then(() => this.#run(left, undefined))
          .then((wait) => {
            // Who has lost one of them needs no other.
            const signal = all.size === 0 ? options.signal : signalOf([...all.values()], options.signal)
            return this.#hold(name, { ...options, wait: wait as Types.DurationInput, signal }, true)
          })
          .then((lock) => all.set(name, lock))
      return inOneOrder(names).reduce(holdNext, Promise.resolve()).then(
        () => all,
        (error: unknown) =>
          releaseAll().then(() => {
            throw error
          })
      )
    })
  }

  /** A client that is closed, or is being closed, gives back all there is. */
  readonly #release = (held: HeldLock): Promise<void> =>
    this.#isClosed ? Promise.resolve() : run(this.#runtime, this.#engine.release(held), undefined).catch((error) => {
      if (!this.#isClosed) throw error
    })

  #do<A>(held: HeldLock, signal: AbortSignal | undefined, work: Types.Work<A>): Promise<A> {
    const lock = lockOf(held, this.#release)
    return doWhileHeld([held], signal, this.#release, (signal) => work({ token: held.token, signal, lock }))
  }

  #lead<A>(name: string, options: Types.ModeOptions, work: Types.Work<A>): Promise<A> {
    return this.#hold(name, options, true).then((held) =>
      this.#do(held, options.signal, work).catch((error: unknown) => {
        // The work may have locks of its own to lose.
        if (error !== held.unwantedLoss) throw error
        return this.#lead(name, options, work)
      })
    )
  }

  #iterate<A, E>(stream: Stream.Stream<A, E>, signal: AbortSignal | undefined): AsyncIterable<A> {
    const whileOpen = Stream.interruptWhen(stream, Deferred.await(this.#closed))
    return Stream.toAsyncIterable(until(whileOpen, signal))
  }
}
