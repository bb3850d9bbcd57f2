/**
 * What programs of promises are told about locks, whoever holds them.
 */
import type { LockMode } from "./Types.ts"

/**
 * Who leads, as everybody may see it.
 *
 * @example
 * ```ts
 * import { createClient, type Leader } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const show = (leader: Leader | null) => leader === null ? "nobody leads" : `${leader.label} leads: ${leader.value}`
 * for await (const leader of client.elect("scheduler").observe()) {
 *   console.log(show(leader))
 *   break
 * }
 * ```
 */
export interface Leader {
  /** Of its client. */
  readonly label: string
  /** Its fencing token: later leaders have greater ones. */
  readonly token: number
  /** What the leader said of itself when it stood for election. */
  readonly value: string | null
}

/**
 * A present holder of a lock. Times are in milliseconds.
 *
 * @example
 * ```ts
 * import { createClient, type Holder } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const show = ({ expiresInMs, label }: Holder) => `${label}, for ${expiresInMs} ms if it does not renew`
 * console.log((await client.get("report")).holders.map(show))
 * ```
 */
export interface Holder {
  /** Of its client. */
  readonly label: string
  /** Tells holders of one client apart. */
  readonly owner: string
  /** Whether it shares the lock. */
  readonly mode: LockMode
  /** Its fencing token. */
  readonly token: number
  /** Milliseconds since it was granted. */
  readonly heldMs: number
  /** Milliseconds until it ends, unless it is renewed. */
  readonly expiresInMs: number
  /** Milliseconds until its `maxHold` is over, renewed or not. */
  readonly holdEndsInMs?: number
  /** What the holder has said with its acquire. */
  readonly value?: string
}

/**
 * What a lock is like.
 *
 * @example
 * ```ts
 * import { createClient, type LockInfo } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const { holders, queueLength }: LockInfo = await client.get("report")
 * console.log(holders.length === 0 ? "free" : `held, and ${queueLength} wait`)
 * ```
 */
export interface LockInfo {
  /** Of the lock. */
  readonly name: string
  /** Null while nobody uses it. */
  readonly mode: LockMode | null
  /** How many may hold it at once. */
  readonly permits: number
  /** Those who hold it now. */
  readonly holders: ReadonlyArray<Holder>
  /** How many wait for it. */
  readonly queueLength: number
  /** Milliseconds for which nobody gets it, because a holder has died. */
  readonly lockDelayLeftMs: number
  /** The token of its latest grant; null if it was never used, or is idle and forgotten. */
  readonly lastToken: number | null
}

interface About {
  readonly name: string
  readonly mode: LockMode
  readonly label: string
  readonly owner: string
  /** When, in UTC, by the clock of the node that led; absent if that was not written down. */
  readonly at?: string
  readonly queueLength: number
}

/**
 * What became of a lock; `id` is its place in the log. A `gap` says that some events before it cannot be told.
 *
 * @example
 * ```ts
 * import { createClient, type LockEvent } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const show = ({ event, id }: LockEvent) => console.log(id, event)
 * const watching = (async () => {
 *   for await (const event of client.watch("report", { signal: AbortSignal.timeout(200) })) show(event)
 * })().catch(() => console.log("watched for long enough"))
 * await client.withLock("report", () => {})
 * await watching
 * ```
 */
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
