/**
 * One operation of a client's conversation, from the caller's words to a command, and from the reply to an outcome.
 *
 * It costs no fiber and no promise: there may be very many a second. The operation itself goes on when nobody listens
 * any more; a waiter keeps its place for as long as its session lives.
 */
import type { Tracer } from "effect"
import * as Problems from "../../api/Problems.ts"
import type { Acquire, Operation, Outcome, Problem, Release } from "../../api/rpc/Conversation.ts"
import type { FencingToken, LockName, RequestId, SessionHash } from "../../lock/Identifiers.ts"
import type { LockReply } from "../../lock/LockReply.ts"
import type { RaftNode, Request } from "../../node/RaftNode.ts"
import { holderOf, unavailable } from "./Answers.ts"
import { type Draining, stopped, stopping } from "./Draining.ts"

/** What is done in a session. */
export type SessionOperation = Extract<
  Operation,
  { readonly _tag: "RenewSession" | "EndSession" | "Acquire" | "Release" }
>

export type Settle = (outcome: Outcome) => void

export interface InSession {
  readonly session: SessionHash
  readonly seqDone: number | undefined
  /** What a node that traces hangs its spans under. */
  readonly parent?: Tracer.AnySpan
}

export const makePerform =
  (node: RaftNode["Service"], draining: Draining) =>
  (operation: SessionOperation, { parent, seqDone, session }: InSession, settle: Settle): () => void => {
    const { id } = operation
    if (draining.isDone) {
      settle(failed(id, stopping()))
      return () => {}
    }
    const unwatch = draining.watch(() => {
      forget()
      settle(failed(id, stopped()))
    })
    let isSettled = false
    const forget = node.propose(
      (request) => commandOf(request, operation, session, seqDone),
      operation._tag === "Acquire" ? operation.waitMs : 0,
      (outcome) => {
        isSettled = true
        unwatch()
        settle("failure" in outcome ? failed(id, unavailable[outcome.failure]()) : outcomeOf(id, outcome.reply))
      },
      parent
    )
    if (isSettled) unwatch()
    return () => {
      unwatch()
      forget()
    }
  }

const commandOf = (
  request: RequestId,
  operation: SessionOperation,
  session: SessionHash,
  seqDone: number | undefined
): Request => {
  switch (operation._tag) {
    case "RenewSession":
    case "EndSession":
      return { _tag: operation._tag, request, session }
    case "Acquire":
      return acquireOf(request, operation, session, seqDone)
    case "Release":
      return releaseOf(request, operation, session, seqDone)
  }
}

const acquireOf = (
  request: RequestId,
  { lock, lockDelayMs, maxHoldMs, mode, owner, permits, seq, value, waitMs }: Acquire,
  session: SessionHash,
  seqDone: number | undefined
): Request => ({
  _tag: "Acquire",
  request,
  lock: lock as LockName,
  session,
  owner,
  mode: mode ?? "exclusive",
  permits: permits ?? 1,
  waitMillis: waitMs,
  lockDelayMillis: lockDelayMs ?? 0,
  seq,
  ...(maxHoldMs === undefined ? undefined : { maxHoldMillis: maxHoldMs }),
  ...(value === undefined ? undefined : { value }),
  ...(seqDone === undefined ? undefined : { seqDone })
})

const releaseOf = (
  request: RequestId,
  { lock, owner, seq, token }: Release,
  session: SessionHash,
  seqDone: number | undefined
): Request => ({
  _tag: "Release",
  request,
  lock: lock as LockName,
  session,
  owner,
  token: token as FencingToken,
  seq,
  ...(seqDone === undefined ? undefined : { seqDone })
})

export const failed = (id: number, problem: Problem): Outcome => ({ _tag: "Failed", id, problem })

const outcomeOf = (id: number, reply: { readonly _tag: string }): Outcome => {
  const known = reply as LockReply
  switch (known._tag) {
    case "Granted":
      return grantedOf(id, known)
    case "Released":
    case "SessionRenewed":
    case "SessionEnded":
      return { _tag: known._tag, id }
    default:
      return failed(id, problemOf(known))
  }
}

const grantedOf = (id: number, reply: Extract<LockReply, { readonly _tag: "Granted" }>): Outcome => ({
  _tag: "Granted",
  id,
  token: reply.token,
  expiresInMs: reply.expiresInMillis,
  ...(reply.holdEndsInMillis === undefined ? undefined : { holdEndsInMs: reply.holdEndsInMillis })
})

const problemOf = (reply: LockReply): Problem => {
  switch (reply._tag) {
    case "LockHeld":
      return new Problems.LockHeld({
        holders: reply.holders.map(holderOf),
        queueLength: reply.queueLength,
        lockDelayLeftMs: reply.lockDelayLeftMillis
      })
    case "WaitTimedOut":
      return new Problems.WaitTimeout({})
    case "SessionExpired":
      return new Problems.SessionExpired({})
    case "ModeConflict":
      return new Problems.ModeConflict({ mode: reply.mode, permits: reply.permits })
    case "NotHolder":
      return new Problems.NotHolder({})
    case "RequestStale":
      return new Problems.RequestStale({})
    case "TooManyOutcomes":
      return new Problems.Overloaded({ detail: "The session has as many outcomes as it may keep. Nothing was done." })
    case "Superseded":
    case "Abandoned":
      return new Problems.OutcomeUnknown({ detail: "A later attempt took over, and hears the outcome." })
    default:
      throw new Error(`broken invariant: ${reply._tag} is no reply to an operation of a session`)
  }
}
