/**
 * What the commands that hold a lock share: how they find the cluster, what they call themselves, and with which exit
 * codes they say why they have not got it.
 */
import { Effect, Layer, type Option } from "effect"
import { Flag } from "effect/cli"
import { formatAddress, type HostAndPort } from "../api/Address.ts"
import type { InvalidRequest } from "../api/Problems.ts"
import { statusOf } from "../client/AdminClient.ts"
import { type AcquireError, type NoAnswer, noneAnswers, type NoNodeAnswers } from "../client/ClientErrors.ts"
import { heldWords } from "../client/HeldWords.ts"
import { LockClient } from "../client/LockClient.ts"
import { duration } from "./Durations.ts"
import { ExitWith } from "./ExitWith.ts"
import { harmless } from "./Harmless.ts"
import { resolveNodes } from "./Nodes.ts"
import { traced } from "./Traced.ts"
import { WrongCall } from "./WrongCall.ts"

/** The lock was lost, or is not held. */
export const lost = 74
/** Who could not get the lock in time may try again. */
export const notInTime = 75
export const noCluster = 69

const label = (whatElse: string) =>
  Flag.String("label").pipe(
    Flag.withDescription(`What others see as the holder (default: ${whatElse})`),
    Flag.withMetavar("text"),
    Flag.withDefault("")
  )

/** Of a session that outlives the command. */
export const labelFlag = label("user and host")

export const processLabelFlag = label("user, host and process")

/** Fails when none of the nodes answers: a client waits for a cluster that is down, a command does not. */
export const withClient = Effect.fnUntraced(function*<A, E, R>(
  nodes: Option.Option<string>,
  label: string,
  use: Effect.Effect<A, E, R>
) {
  const addresses = yield* resolveNodes(nodes, process.env)
  yield* someAnswers(addresses)
  const client = LockClient.layerRpc({
    nodes: addresses.map(formatAddress),
    label: label === "" ? undefined : label
  })
  return yield* traced(Effect.provide(use, Layer.fresh(client)))
})

/** Fails when none of the nodes answers. */
export const someAnswers = (nodes: ReadonlyArray<HostAndPort>): Effect.Effect<void, NoNodeAnswers> => {
  const silent: Array<NoAnswer> = []
  const looks = nodes.map((node) =>
    Effect.tapError(statusOf(node), (noAnswer) => Effect.sync(() => silent.push(noAnswer)))
  )
  return Effect.asVoid(Effect.mapError(Effect.raceAll(looks), () => noneAnswers(silent)))
}

/** Says why in a line, with the exit code of its kind. */
export const refusalOf = (name: string) => (error: AcquireError): AcquireError | ExitWith | WrongCall => {
  const lock = JSON.stringify(name)
  switch (error._tag) {
    case "LockHeld":
      return new ExitWith({ code: notInTime, message: harmless(heldWords(name, error)) })
    case "WaitTimeout":
      return new ExitWith({ code: notInTime, message: `${lock} was not granted in time` })
    case "Overloaded":
      return new ExitWith({ code: notInTime, message: `${lock} was not granted: the cluster has too much to do` })
    case "NoLeader":
    case "OutcomeUnknown":
    case "Unavailable":
      return new ExitWith({ code: noCluster, message: `${lock} was not granted: the cluster did not answer in time` })
    case "ModeConflict":
      return new ExitWith({
        code: 1,
        message: `${lock} is used in another way: ${error.mode}, ${
          error.permits === 1 ? "one permit" : `${error.permits} permits`
        }`
      })
    case "InvalidRequest":
      return new WrongCall({ message: asFlag(error) })
    default:
      return error
  }
}

/** What is wrong with a length of time is said of the flag, as the flag is written. */
const asFlag = ({ detail, field }: InvalidRequest): string => {
  const flag = field.replace(/Ms$/, "")
  if (flag !== "ttl" && flag !== "wait") return detail
  const [, least, most] = /from ([\d,]+) to ([\d,]+)/.exec(detail) ?? []
  const spanOf = (millis: string) => duration(Number(millis.replaceAll(",", "")))
  const range = least === undefined || most === undefined ? "above 0" : `from ${spanOf(least)} to ${spanOf(most)}`
  return `--${flag} must be a length of time ${range}, such as 15s`
}
