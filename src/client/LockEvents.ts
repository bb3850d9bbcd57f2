/**
 * What watchers of locks are told, without what a connection says of itself.
 */
import type { WatchEvent } from "../api/Events.ts"

/** What became of a lock; a `gap` says that some events before it cannot be told. */
export type LockEvent = Exclude<WatchEvent, { readonly event: "at" | "cut-off" }>

export const isOfLocks = (event: WatchEvent): event is LockEvent => event.event !== "at" && event.event !== "cut-off"
