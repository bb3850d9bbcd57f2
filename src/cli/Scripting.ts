/**
 * The operations of the HTTP API for scripts: asked of one node after the other until one can say, and told with an
 * exit code of their own for each way in which they can fail. What a script holds outlives the command, so the script
 * answers for it: the session ends with its TTL unless it is renewed.
 */
import { Clock, Config, Effect, Option, Random, Redacted, Schema } from "effect"
import { Flag } from "effect/cli"
import { formatAddress, type HostAndPort } from "../api/Address.ts"
import type { SessionId } from "../api/Fields.ts"
import { firstToAnswer } from "../client/AdminClient.ts"
import { isName, wrongName } from "../client/LockOptions.ts"
import { makeApiClient, problemOf } from "../client/transport/HttpOperations.ts"
import { ExitWith } from "./ExitWith.ts"
import { type Ask, makeAsk } from "./Failover.ts"
import { lost, noCluster, notInTime, refusalOf } from "./Locking.ts"
import { resolveNodes } from "./Nodes.ts"
import { WrongCall } from "./WrongCall.ts"

export const sessionFlag = Flag.String("session").pipe(
  Flag.withDescription(
    "The session (default: the variable HOLDFAST_SESSION, which other users of the machine cannot see)"
  ),
  Flag.withMetavar("id"),
  Flag.withFallbackConfig(Config.String("HOLDFAST_SESSION")),
  Flag.optional
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
  Flag.filterMap(parseToken, tokenWords),
  Flag.optional
)

export const sessionOf = (id: string): SessionId => Redacted.make(id)

/** Asks the nodes over their HTTP, beginning with the first that answers. It may be about a lock. */
export const askHttp = Effect.fnUntraced(function*<A>(
  nodes: Option.Option<string>,
  name: string | null,
  use: (ask: Ask) => Effect.Effect<A, unknown>
) {
  if (name !== null && !isName(name)) return yield* Effect.fail(wrongName)
  const addresses = yield* resolveNodes(nodes, process.env)
  const ask = yield* makeAsk(addresses, firstOverHttp)
  return yield* Effect.mapError(use(ask), (error) => failureOf(name ?? "", error))
})

const firstOverHttp = (addresses: ReadonlyArray<HostAndPort>) =>
  Effect.scoped(Effect.gen(function*() {
    const { address, status } = yield* firstToAnswer(addresses)
    const http = status.members.find(({ self }) => self)?.http
    return {
      at: addresses.find((one) => formatAddress(one) === address)!,
      client: yield* makeApiClient(`http://${http}`)
    }
  }))

/** Outcomes of a session are remembered for so long. */
const seqMillis = 600_000
/** How long one number is good for; who waits longer asks under another, and keeps the place in the queue. */
export const seqMillisMax = 240_000
const seqsPerMilli = 1_000

/**
 * Numbers a request. The commands of a script know nothing of each other, so the time of day counts for them; what is
 * older than anything that can still be asked again is done.
 */
export const nextSeq = Effect.gen(function*() {
  const millis = yield* Clock.currentTimeMillis
  const seq = millis * seqsPerMilli + Math.floor((yield* Random.next) * seqsPerMilli)
  return { seq, seqDone: seq - seqMillis * seqsPerMilli }
})

/** A session that has to be there. */
export const givenSession = (session: Option.Option<string>): Effect.Effect<SessionId, WrongCall> =>
  Effect.map(given("session", session), sessionOf)

/** A token that has to be there. */
export const givenToken = (token: Option.Option<number>): Effect.Effect<number, WrongCall> => given("token", token)

const given = <A>(what: "session" | "token", value: Option.Option<A>): Effect.Effect<A, WrongCall> =>
  Effect.mapError(Effect.fromOption(value), () =>
    new WrongCall({
      message: `which ${what}? Give it with --${what}, or in the variable HOLDFAST_${what.toUpperCase()} as ` +
        "`holdfast acquire --shell` sets it"
    }))

/** Whatever was asked: not only locks are asked for here. */
export const failureOf = (name: string, error: unknown) => {
  if (error instanceof ExitWith) return error
  const problem = problemOf(error)
  if (problem === null || problem._tag === "OutcomeUnknown") {
    return new ExitWith({ code: noCluster, message: "no node could say what became of it; it may have been done" })
  }
  switch (problem._tag) {
    case "NoLeader":
      return new ExitWith({ code: noCluster, message: "the cluster has no leader. Nothing was done" })
    case "Overloaded":
      return new ExitWith({ code: notInTime, message: "the cluster has too much to do. Nothing was done" })
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
