/**
 * The operations of the HTTP API for scripts: asked of the first node that answers, once, and told with an exit code
 * of their own for each way in which they can fail. What a script holds outlives the command, so the script answers
 * for it: the session ends with its TTL unless it is renewed.
 */
import { Config, Effect, Option, Redacted, Schema } from "effect"
import { Flag } from "effect/cli"
import type { SessionId } from "../api/Fields.ts"
import { firstToAnswer } from "../client/AdminClient.ts"
import { isName, wrongName } from "../client/LockOptions.ts"
import { type ApiClient, makeApiClient, problemOf } from "../client/transport/HttpOperations.ts"
import { ExitWith } from "./ExitWith.ts"
import { lost, noCluster, refusalOf } from "./Locking.ts"
import { resolveNodes } from "./Nodes.ts"

export const sessionFlag = Flag.String("session").pipe(
  Flag.withDescription(
    "The session (default: the variable HOLDFAST_SESSION, which other users of the machine cannot see)"
  ),
  Flag.withMetavar("id"),
  Flag.withFallbackConfig(Config.String("HOLDFAST_SESSION"))
)

export const ownerFlag = Flag.String("owner").pipe(
  Flag.withDescription("Tells the holders of one session apart (default: empty)"),
  Flag.withMetavar("text"),
  Flag.withDefault("")
)

const isToken = Schema.is(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })))

export const parseToken = (text: string): Option.Option<number> => {
  const token = /^\d+$/.test(text) ? Number(text) : 0
  return isToken(token) ? Option.some(token) : Option.none()
}

export const tokenWords = () => "a fencing token, a whole number above 0"

export const tokenFlag = Flag.String("token").pipe(
  Flag.withDescription("The fencing token of the grant (default: the variable HOLDFAST_TOKEN)"),
  Flag.withMetavar("number"),
  Flag.withFallbackConfig(Config.String("HOLDFAST_TOKEN")),
  Flag.filterMap(parseToken, tokenWords)
)

export const sessionOf = (id: string): SessionId => Redacted.make(id)

/** Asks the first of the nodes that answers, over its HTTP. It may be about a lock. */
export const askHttp = Effect.fnUntraced(function*<A>(
  nodes: Option.Option<string>,
  name: string | null,
  use: (client: ApiClient) => Effect.Effect<A, unknown>
) {
  if (name !== null && !isName(name)) return yield* Effect.fail(wrongName)
  const { status } = yield* firstToAnswer(yield* resolveNodes(nodes, process.env))
  const http = status.members.find(({ self }) => self)?.http
  const client = yield* makeApiClient(`http://${http}`)
  return yield* Effect.mapError(use(client), (error) => failureOf(name ?? "", error))
}, Effect.scoped)

const failureOf = (name: string, error: unknown) => {
  if (error instanceof ExitWith) return error
  const problem = problemOf(error)
  if (problem === null) {
    return new ExitWith({ code: noCluster, message: "the node was lost before it answered; it may have been done" })
  }
  switch (problem._tag) {
    case "NotHolder":
      return new ExitWith({ code: lost, message: `${JSON.stringify(name)} is not held so: nothing was released` })
    case "SessionExpired":
      return new ExitWith({ code: lost, message: "the session is gone, and with it all that it held" })
    case "RequestStale":
      return new ExitWith({ code: 1, message: problem.detail })
    default:
      return refusalOf(name)(problem)
  }
}
