/**
 * What goes wrong between a client and the nodes, as opposed to what a node answers.
 */
import { Schema } from "effect"
import { RpcClientError } from "effect/rpc"
import type { Problem } from "../api/rpc/Conversation.ts"
import { NotOurs } from "../api/rpc/Wire.ts"

/** One node has not answered. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", {
  address: Schema.String,
  why: Schema.String
}) {}

/** None of the nodes asked has answered: whether a cluster is there is not known. Nothing was done. */
export class NoNodeAnswers extends Schema.TaggedError<NoNodeAnswers>()("NoNodeAnswers", {
  message: Schema.String
}) {}

export const noneAnswers = (nodes: ReadonlyArray<NoAnswer>): NoNodeAnswers =>
  new NoNodeAnswers({
    message: `no node answers at ${nodes.map(({ address, why }) => `${address} (${why})`).join(", ")}`
  })

/**
 * Why a lock is no longer held: `expired`, its lease ran out by the client's own clock before a renewal was confirmed;
 * `session-ended`, the cluster says that its session is gone; `max-hold`, its `maxHold` is over; `closed`, the client
 * was closed; `released`, its holder gave it back, by this handle or by another one of the same owner.
 */
export type LossReason = "expired" | "session-ended" | "max-hold" | "closed" | "released"

const lossWords: Record<LossReason, string> = {
  "expired": "its lease could not be renewed in time",
  "session-ended": "the cluster has ended its session",
  "max-hold": "its maxHold is over",
  "closed": "its client was closed",
  "released": "it has been released"
}

/** The lock is no longer held. Whatever it protects may have another holder already, or soon. */
export class LockLost extends Schema.TaggedError<LockLost>()("LockLost", {
  /** Of the lock. */
  lock: Schema.String,
  /** The fencing token of the grant that is over. */
  token: Schema.Natural,
  reason: Schema.Literals(["expired", "session-ended", "max-hold", "closed", "released"]),
  message: Schema.String
}) {
  static readonly of = (lock: string, token: number, reason: LossReason): LockLost =>
    new LockLost({ lock, token, reason, message: `${JSON.stringify(lock)} is no longer held: ${lossWords[reason]}` })
}

/** No node has answered by the deadline. Nothing is held, and what was sent is withdrawn when a node answers again. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  message: Schema.String
}) {}

/** The node that was asked was lost before it answered a question, or while it sent a snapshot. */
export class NodeLost extends Schema.TaggedError<NodeLost>()("NodeLost", {
  message: Schema.String
}) {}

export const isConnectionError = (error: unknown): error is RpcClientError.RpcClientError =>
  error instanceof RpcClientError.RpcClientError

/** Why a node does not answer, to be read after its address. */
export const whyLost = (error: unknown): string => {
  if (!isConnectionError(error)) return "failed"
  const { reason } = error
  switch (reason._tag) {
    case "SocketOpenError":
      return reason.kind === "Timeout" ? notInTime : whyUnreachable(reason.cause)
    case "SocketReadError":
      return codeOf(reason.cause) === "" ? "went silent" : "ended the connection"
    case "RpcClientDefect":
      return reason.cause instanceof NotOurs ? reason.cause.message : "speaks no client RPC of this release"
    default:
      return "ended the connection"
  }
}

export const notInTime = "cannot be reached in time"

/** The same for what a socket said when it was to connect. */
export const whyUnreachable = (cause: unknown): string => openWords[codeOf(cause)] ?? "unreachable"

const openWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EHOSTUNREACH: "no route to this host",
  ETIMEDOUT: notInTime
}

const codeOf = (cause: unknown): string => cause instanceof Error && "code" in cause ? String(cause.code) : ""

/** Why nothing was acquired: each names itself in `_tag`, and says more in `detail` or `message`. */
export type AcquireError = Exclude<Problem, { readonly _tag: "NotHolder" | "RequestStale" }> | Unavailable

/** Why a question has no answer. */
export type AskError = Exclude<
  AcquireError,
  { readonly _tag: "LockHeld" | "WaitTimeout" | "ModeConflict" | "SessionExpired" }
>
