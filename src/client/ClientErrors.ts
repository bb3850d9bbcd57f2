/**
 * What goes wrong between a client and the nodes, as opposed to what a node answers.
 */
import { Schema } from "effect"
import { RpcClientError } from "effect/rpc"
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
      return reason.kind === "Timeout" ? "cannot be reached in time" : openWords[codeOf(reason.cause)] ?? "unreachable"
    case "SocketReadError":
      return codeOf(reason.cause) === "" ? "went silent" : "ended the connection"
    case "RpcClientDefect":
      return reason.cause instanceof NotOurs ? reason.cause.message : "speaks no client RPC of this release"
    default:
      return "ended the connection"
  }
}

const openWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "no such host",
  EHOSTUNREACH: "no route to this host",
  ETIMEDOUT: "cannot be reached in time"
}

const codeOf = (cause: unknown): string => cause instanceof Error && "code" in cause ? String(cause.code) : ""
