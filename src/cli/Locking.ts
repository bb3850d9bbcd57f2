/**
 * What the commands that hold a lock share: how they find the cluster, what they call themselves, and with which exit
 * codes they say why they have not got it.
 */
import { Effect, Layer, type Option } from "effect"
import { Flag } from "effect/cli"
import { hostname, userInfo } from "node:os"
import { formatAddress, type HostAndPort } from "../api/Address.ts"
import type { LockHeld } from "../api/Problems.ts"
import { statusOf } from "../client/AdminClient.ts"
import { type AcquireError, type NoAnswer, noneAnswers, type NoNodeAnswers } from "../client/ClientErrors.ts"
import { LockClient } from "../client/LockClient.ts"
import { duration } from "./Durations.ts"
import { ExitWith } from "./ExitWith.ts"
import { resolveNodes } from "./Nodes.ts"
import { traced } from "./Traced.ts"

/** The lock was lost, or is not held. */
export const lost = 74
/** Who could not get the lock in time may try again. */
const notInTime = 75
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

/** Of whoever calls, and not of a process: what a script holds outlives the command. */
export const userLabel = () => `${userInfo().username}@${hostname()}`.slice(0, 100)

const processLabel = () => `${userLabel()} pid ${process.pid}`

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
    label: label === "" ? processLabel() : label
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
export const refusalOf = (name: string) => (error: AcquireError): AcquireError | ExitWith => {
  const lock = JSON.stringify(name)
  switch (error._tag) {
    case "LockHeld":
      return new ExitWith({ code: notInTime, message: `${lock} is held${holdersOf(error)}` })
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
    default:
      return error
  }
}

const holdersOf = ({ holders, lockDelayLeftMs, queueLength }: LockHeld): string => {
  const [first, ...others] = holders
  const who = first === undefined
    ? lockDelayLeftMs > 0 ? ` back for ${duration(lockDelayLeftMs)} after a holder that was lost` : ""
    : ` by ${first.label || "a holder without a label"} (token ${first.token})${
      others.length === 0 ? "" : ` and ${others.length} more`
    }`
  return queueLength === 0 ? who : `${who}, and ${queueLength} wait for it`
}
