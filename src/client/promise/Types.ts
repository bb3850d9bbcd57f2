/**
 * The words of the promise face: plain interfaces, with nothing of Effect in them.
 */
/// <reference lib="esnext.disposable" />

type Unit = "milli" | "second" | "minute" | "hour" | "day"

/** Milliseconds, or such as `"15 seconds"`. */
export type DurationInput = number | `${number} ${Unit | `${Unit}s`}`

export interface ClientOptions {
  /**
   * Where nodes listen for client RPC, `host:port`, or, where only HTTP passes, the base URLs of their HTTP,
   * `http://host:port`. Some are enough: the others are found through them or pass on what is asked.
   */
  readonly nodes: ReadonlyArray<string>
  /** How long a lock outlives a holder that has died, where an acquire does not say. Default: 15 seconds. */
  readonly ttl?: DurationInput | undefined
  /** Shown to others as the holder: at most 128 bytes of UTF-8. Default: empty. */
  readonly label?: string | undefined
}

export type LockMode = "exclusive" | "shared"

/** Of one acquire. */
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

/** Of a lock that many may hold, or in one of its modes: those come with the call. */
export type ModeOptions = Omit<LockOptions, "mode" | "permits">

export type LockState = "held" | "jeopardy" | "lost"

/** A lock that is held, until it is released or lost. `await using` releases it at the end of the block. */
export interface Lock extends AsyncDisposable {
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

/** What runs in `withLock` is given. */
export interface Held {
  /** The fencing token as of the beginning. */
  readonly token: number
  /** Aborts when the lock is lost, or when the caller's own signal does. */
  readonly signal: AbortSignal
  readonly lock: Lock
}

export type Work<A> = (held: Held) => PromiseLike<A> | A

/** Who leads, as everybody may see it. */
export interface Leader {
  readonly label: string
  readonly token: number
  /** What the leader said of itself when it stood for election. */
  readonly value: string | null
}

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

/** A present holder of a lock. Times are in milliseconds. */
export interface Holder {
  readonly label: string
  readonly owner: string
  readonly mode: LockMode
  readonly token: number
  readonly heldMs: number
  readonly expiresInMs: number
  readonly holdEndsInMs?: number
  readonly value?: string
}

/** What a lock is like. */
export interface LockInfo {
  readonly name: string
  readonly mode: LockMode | null
  readonly permits: number
  readonly holders: ReadonlyArray<Holder>
  readonly queueLength: number
  readonly lockDelayLeftMs: number
  readonly lastToken: number | null
}

interface About {
  readonly name: string
  readonly mode: LockMode
  readonly label: string
  readonly owner: string
  readonly queueLength: number
}

/** What became of a lock; `id` is its place in the log. A `gap` says that some events before it cannot be told. */
export type LockEvent =
  | {
    readonly id: string
    readonly event: "granted"
    readonly data: About & { readonly token: number; readonly waitedMs: number }
  }
  | { readonly id: string; readonly event: "released" | "expired"; readonly data: Ended }
  | { readonly id: string; readonly event: "queued"; readonly data: About }
  | {
    readonly id: string
    readonly event: "left"
    readonly data: About & { readonly waitedMs: number; readonly reason: string }
  }
  | {
    readonly id: string
    readonly event: "leader"
    readonly data: { readonly term: number; readonly leaderId: string | null }
  }
  | { readonly id: string; readonly event: "gap"; readonly data: { readonly after: string; readonly reason: string } }

type Ended = About & { readonly token: number; readonly heldMs: number; readonly reason: string }

/** Locks of a cluster. Every rejection is an error with a `_tag`, or the reason of the signal that was aborted. */
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
