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

/**
 * None of the nodes asked has answered: whether a cluster is there is not known. Nothing was done.
 *
 * @example
 * ```ts
 * import { createClient, NoNodeAnswers } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * try {
 *   for await (const { event } of client.watch("report", { signal: AbortSignal.timeout(100) })) console.log(event)
 * } catch (error) {
 *   if (error instanceof NoNodeAnswers) console.log(error.message)
 * }
 * ```
 */
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
 *
 * @example
 * ```ts
 * import type { LossReason } from "holdfast/promise"
 *
 * const isToBeToldToAnOperator = (reason: LossReason): boolean => reason === "expired" || reason === "session-ended"
 * console.log(isToBeToldToAnOperator("expired"))
 * ```
 */
export type LossReason = "expired" | "session-ended" | "max-hold" | "closed" | "released"

const lossWords: Record<LossReason, string> = {
  "expired": "its lease could not be renewed in time",
  "session-ended": "the cluster has ended its session",
  "max-hold": "its maxHold is over",
  "closed": "its client was closed",
  "released": "it has been released"
}

/**
 * The lock is no longer held. Whatever it protects may have another holder already, or soon.
 *
 * @example
 * ```ts
 * import { createClient, LockLost } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const lost: unknown = await client.withLock("report", { ttl: "5 seconds" }, async ({ lock }) => {
 *   lock.assertHeld() // throws LockLost from the moment on in which the lock may be somebody else's
 * }).catch((error: unknown) => error)
 * if (lost instanceof LockLost) console.log(lost.reason, lost.token)
 * ```
 */
export class LockLost extends Schema.TaggedError<LockLost>()("LockLost", {
  /** Of the lock. */
  lock: Schema.String,
  /** The fencing token of the grant that is over. */
  token: Schema.Natural,
  /** Why: a `LossReason`. */
  reason: Schema.Literals(["expired", "session-ended", "max-hold", "closed", "released"]),
  message: Schema.String
}) {
  /** Of a lock, with the words that go with the reason. */
  static readonly of = (lock: string, token: number, reason: LossReason): LockLost =>
    new LockLost({ lock, token, reason, message: `${JSON.stringify(lock)} is no longer held: ${lossWords[reason]}` })
}

/**
 * No node has answered by the deadline. Nothing is held, and what was sent is withdrawn when a node answers again.
 *
 * @example
 * ```ts
 * import { createClient, Unavailable } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const refusal: unknown = await client.acquire("report", { wait: "3 seconds" }).catch((error: unknown) => error)
 * if (refusal instanceof Unavailable) console.log(refusal.message)
 * ```
 */
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

/**
 * Why nothing was acquired: each names itself in `_tag`, and says more in `detail` or `message`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { type AcquireError, LockClient } from "holdfast"
 *
 * const why = (error: AcquireError): string => error._tag === "LockHeld" ? `${error.holders.length} held` : error._tag
 *
 * const program = Effect.gen(function*() {
 *   const locks = yield* LockClient
 *   yield* locks.tryAcquire("report")
 * }).pipe(Effect.scoped, Effect.catch((error) => Effect.log(why(error))))
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export type AcquireError = Exclude<Problem, { readonly _tag: "NotHolder" | "RequestStale" }> | Unavailable

/**
 * Why a question has no answer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { type AskError, LockClient } from "holdfast"
 *
 * const program = Effect.gen(function*() {
 *   const locks = yield* LockClient
 *   return (yield* locks.get("report")).queueLength
 * }).pipe(Effect.catch((error: AskError) => Effect.log(`nobody can say: ${error._tag}`)))
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export type AskError = Exclude<
  AcquireError,
  { readonly _tag: "LockHeld" | "WaitTimeout" | "ModeConflict" | "SessionExpired" }
>
