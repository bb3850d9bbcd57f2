/**
 * What becomes of locks, told as it happens: who was granted what, how a grant ended, who waits and who has left.
 *
 * The same entry brings about the same events in the same order on every node and in every replay. They change
 * nothing, name no session, and are of no use to the rules: whoever applies an entry may take them or leave them.
 */
import type { FencingToken, LockMode, LockName, Owner } from "./Identifiers.ts"

/**
 * Why a grant or a wait is over. `withdrawn`: its client hung up, or asked again and would not wait. `timeout`: the
 * wait was as long as it was asked to be.
 */
export type EndReason = "released" | "session-ended" | "session-expired" | "max-hold" | "withdrawn" | "timeout"

export interface LockEvent {
  readonly kind: "granted" | "released" | "expired" | "queued" | "left"
  readonly lock: LockName
  readonly label: string
  readonly owner: Owner
  readonly mode: LockMode
  /** Of the grant; null for a waiter. */
  readonly token: FencingToken | null
  /** Null for what begins. */
  readonly reason: EndReason | null
  /** How long it had waited, or, when a grant ends, how long it was held. */
  readonly millis: number
  /** How many wait for the lock after this. */
  readonly queueLength: number
  /** By the wall clock of whoever led, in milliseconds of Unix time; 0 if nobody said. For people alone. */
  readonly wallMillis: number
}
