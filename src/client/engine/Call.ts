/**
 * One operation on its way: asked again, over other links and of other nodes, until it is settled.
 */
import type { Operation, Outcome, Problem } from "../../api/rpc/Conversation.ts"
import type { ClientSession } from "./ClientSession.ts"

export type Settled = Outcome | TimedOut

export interface TimedOut {
  readonly _tag: "TimedOut"
  readonly problem: Problem | null
  /** Whether there is a node that could have answered. */
  readonly isLinked: boolean
}

export interface CallOptions {
  /** Null opens one, or asks after the node. */
  readonly session: ClientSession | null
  /** What to send now. */
  readonly operation: (id: number, now: number) => Operation
  /** Hears the outcome, once. */
  readonly settle: (settled: Settled) => void
  /** When it is given up, on the lease clock. */
  readonly deadline: number
  /** Whether the node may have good reason to leave it unanswered. */
  readonly waits: boolean
  /** Whether it may be sent already; whoever says no sees to it that it is sent `again`. */
  readonly mayGo?: () => boolean
  /** Whether the node was asked for longer than its deadline, so that nobody else will say when that is over. */
  readonly outlasts?: () => boolean
}

export interface Call extends CallOptions {
  /** Of its latest attempt. */
  id: number
  /** When that was sent; -1 before the first. */
  sentAt: number
  /** When it is to be sent again, if the node has answered that it could not be done. */
  retryAt: number
  /** What the node said last. */
  problem: Problem | null
}

export const make = (options: CallOptions): Call => ({
  ...options,
  id: -1,
  sentAt: -1,
  retryAt: Infinity,
  problem: null
})
