/**
 * The words of the promise face: plain interfaces, with nothing of Effect in them.
 */
/// <reference lib="esnext.disposable" />
import type { Leader, LockEvent, LockInfo } from "./Told.ts"

type Unit = "milli" | "second" | "minute" | "hour" | "day"

/**
 * Milliseconds, or such as `"15 seconds"`.
 *
 * @example
 * ```ts
 * import { createClient, type DurationInput } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const wait: DurationInput = "2 minutes" // or 120_000
 * await client.withLock("report", { wait }, ({ token }) => console.log(token))
 * ```
 */
export type DurationInput = number | `${number} ${Unit | `${Unit}s`}`

/**
 * What a client is made with. `createClient` rejects with `InvalidRequest` what is wrong in it, by its name.
 *
 * @example
 * ```ts
 * import { type ClientOptions, createClient } from "holdfast/promise"
 *
 * const options: ClientOptions = { nodes: ["127.0.0.1:7081"], ttl: "10 seconds", label: "worker-1" }
 * await using client = await createClient(options)
 * await client.withLock("report", () => console.log("held by worker-1"))
 * ```
 */
export interface ClientOptions {
  /**
   * Where nodes listen for client RPC, `host:port`, or, where only HTTP passes, the base URLs of their HTTP,
   * `http://host:port`. Some are enough: the others are found through them or pass on what is asked.
   */
  readonly nodes: ReadonlyArray<string>
  /** How long a lock outlives a holder that has died, where an acquire does not say. Default: 15 seconds. */
  readonly ttl?: DurationInput | undefined
  /**
   * Shown to others as the holder: at most 128 bytes of UTF-8. Default: user, host and process, such as
   * `ann@web1 pid 2271`.
   */
  readonly label?: string | undefined
}

/**
 * `"exclusive"`: held alone, or by so many as there are permits. `"shared"`: held together with others who share it.
 *
 * @example
 * ```ts
 * import { createClient, type LockMode } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const mode: LockMode = "shared"
 * await client.withLock("book", { mode }, () => console.log("reads with others"))
 * ```
 */
export type LockMode = "exclusive" | "shared"

/**
 * Of one acquire. A wrong one is told by its name: `InvalidRequest`.
 *
 * @example
 * ```ts
 * import { createClient, type LockOptions } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const options: LockOptions = { ttl: "10 seconds", wait: "1 minute", maxHold: "5 minutes", value: "job 4711" }
 * await client.withLock("printer", options, () => console.log("prints"))
 * ```
 */
export interface LockOptions {
  /** How long the lock outlives a holder that has died, 1 second to 1 day. Default: the client's. */
  readonly ttl?: DurationInput | undefined
  /** How long to wait for the lock. Default: for ever. `tryAcquire` never waits. */
  readonly wait?: DurationInput | undefined
  /**
   * Tells holders of one client apart. The same owner again, with the same `ttl`, gets the grant it has; whichever of
   * its handles is released first ends the grant for all of them. Default: a fresh one.
   */
  readonly owner?: string | undefined
  /** Default: `"exclusive"`. */
  readonly mode?: LockMode | undefined
  /** How many may hold the lock at once, 1 to 10,000; all who use it say the same. Default: 1. */
  readonly permits?: number | undefined
  /** How long nobody gets the lock after a holder that has died, to 1 minute. Default: 0. */
  readonly lockDelay?: DurationInput | undefined
  /** After this the lock is lost, renewed or not, 1 second to 1 day. Default: no such limit. */
  readonly maxHold?: DurationInput | undefined
  /** Shown to others with the lock: at most 4 KiB of UTF-8. */
  readonly value?: string | undefined
  /** Stops the waiting, and what runs in `withLock` is told. It does nothing to a lock that is held already. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Of a lock that many may hold, or in one of its modes: those come with the call.
 *
 * @example
 * ```ts
 * import { createClient, type ModeOptions } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const options: ModeOptions = { wait: "5 seconds" }
 * await using lock = await client.readLock("book", options)
 * console.log(lock.state)
 * ```
 */
export type ModeOptions = Omit<LockOptions, "mode" | "permits">

/**
 * `"held"`; `"jeopardy"` while a renewal is overdue, from two thirds of the TTL on; `"lost"` from nine tenths on.
 *
 * @example
 * ```ts
 * import { createClient, type LockState } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * await using lock = await client.acquire("report")
 * const mayBeginSomethingLong = (state: LockState): boolean => state === "held"
 * console.log(mayBeginSomethingLong(lock.state))
 * ```
 */
export type LockState = "held" | "jeopardy" | "lost"

/**
 * A lock that is held, until it is released or lost. `await using` releases it at the end of the block.
 *
 * @example
 * ```ts
 * import { createClient, type Lock } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const write = (lock: Lock, text: string) => console.log(`writes ${text} with token ${lock.token}`)
 *
 * await using lock = await client.acquire("report", { wait: "10 seconds" })
 * write(lock, "the first half")
 * write(lock, "the second half")
 * ```
 */
export interface Lock extends AsyncDisposable {
  /** Of the lock, as it was acquired. */
  readonly name: string
  /** The fencing token: give it to whatever the lock protects. Later grants have greater ones. Throws `LockLost`. */
  readonly token: number
  /** `"jeopardy"` while a renewal is overdue: it is still held, and will be lost unless a node answers soon. */
  readonly state: LockState
  /** Aborts when the lock is lost, with the `LockLost` as its reason; a release does not abort it. */
  readonly signal: AbortSignal
  /** Throws `LockLost` once the lock is lost. */
  assertHeld(): void
  /** Gives the lock back. It may be called again, and never rejects because the lock had expired. */
  release(): Promise<void>
}

/**
 * What runs in `withLock` is given.
 *
 * @example
 * ```ts
 * import { createClient, type Held } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const work = async ({ signal, token }: Held) => {
 *   signal.throwIfAborted()
 *   console.log(`works with token ${token}`)
 * }
 * await client.withLock("report", work)
 * ```
 */
export interface Held {
  /** The fencing token as of the beginning. */
  readonly token: number
  /** Aborts when the lock is lost, or when the caller's own signal does. */
  readonly signal: AbortSignal
  /** The lock itself, which may be released before the work has ended. */
  readonly lock: Lock
}

/**
 * What is done while a lock is held. It may reject, with whatever it likes: the lock is given back all the same.
 *
 * @example
 * ```ts
 * import { createClient, type Work } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const report: Work<number> = async ({ token }) => token
 * console.log(await client.withLock("report", report))
 * ```
 */
export type Work<A> = (held: Held) => PromiseLike<A> | A

/**
 * Leadership under one name. What campaigns and leads rejects as `acquire` does.
 *
 * @example
 * ```ts
 * import { createClient, type Election } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const election: Election = client.elect("scheduler", { value: "10.0.0.1:3000" })
 * await election.lead(async ({ signal, token }) => {
 *   console.log(`leads with token ${token}`, signal.aborted)
 * })
 * ```
 */
export interface Election {
  /** Waits to be elected. Leads until the lock is released, which resigns, or lost. */
  campaign(): Promise<Lock>
  /**
   * Runs work while leading, and stands for election again whenever the lead is lost: its signal aborts, and when it
   * has settled it is begun anew with the next term. Settles as the work does in a term that was not lost.
   */
  lead<A>(work: Work<A>): Promise<A>
  /** Who leads, now and each time that it is another; null while nobody does. */
  observe(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Leader | null>
}

/**
 * Locks of a cluster. Every rejection is an error with a `_tag`, or the reason of the signal that was aborted.
 *
 * @example
 * ```ts
 * import { type Client, createClient } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const printOnce = async (locks: Client) => {
 *   const { holders } = await locks.get("printer")
 *   console.log(holders.map(({ label }) => label))
 *   await locks.withLock("printer", { wait: "1 minute" }, ({ token }) => console.log(`prints with token ${token}`))
 * }
 * await printOnce(client)
 * ```
 */
export interface Client extends AsyncDisposable {
  /** Waits for the lock. */
  acquire(name: string, options?: LockOptions): Promise<Lock>
  /** As `acquire`, and rejects with `LockHeld` at once instead of waiting. */
  tryAcquire(name: string, options?: LockOptions): Promise<Lock>
  /**
   * Runs work while holding the lock, and releases it. If the lock is lost, the signal of the work aborts, and when the
   * work has settled this rejects with `LockLost`.
   */
  withLock<A>(name: string, work: Work<A>): Promise<A>
  /** The same with options. */
  withLock<A>(name: string, options: LockOptions, work: Work<A>): Promise<A>
  /**
   * As `withLock`, with several locks, taken in one order, whoever asks, so that no two wait for each other. `wait` is
   * for all of them together. The work is given them in the order of the names.
   */
  withLocks<A>(
    names: ReadonlyArray<string>,
    options: LockOptions,
    work: (held: { readonly locks: ReadonlyArray<Lock>; readonly signal: AbortSignal }) => PromiseLike<A> | A
  ): Promise<A>
  /** One of `permits` that may be held at once; all who use the semaphore say the same number. */
  semaphore(name: string, permits: number, options?: ModeOptions): Promise<Lock>
  /** Held together with other readers, and with no writer. */
  readLock(name: string, options?: ModeOptions): Promise<Lock>
  /** Held alone. */
  writeLock(name: string, options?: ModeOptions): Promise<Lock>
  /** Leader election. `value` is what all others can see of the leader. */
  elect(name: string, options?: ModeOptions): Election
  /** What becomes of locks whose names begin so, from now on; over lost nodes, and never silent about a gap. */
  watch(prefix?: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<LockEvent>
  /** What the lock is like now. */
  get(name: string): Promise<LockInfo>
  /** Whether this is the token of a present holder: for resources that verify instead of comparing. */
  check(name: string, token: number): Promise<boolean>
  /** Gives back all locks, and ends. */
  close(): Promise<void>
}
