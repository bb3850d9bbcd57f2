/**
 * Where a client command finds the cluster: `--nodes` over `HOLDFAST_NODES` over the three nodes that `npm start`
 * runs. One node is enough; each further one may stand in for it.
 */
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { type HostAndPort, parseAddress } from "../api/Address.ts"
import { WrongCall } from "./WrongCall.ts"

const fallback = "127.0.0.1:7081,127.0.0.1:7082,127.0.0.1:7083"

export const nodesFlag = Flag.String("nodes").pipe(
  Flag.withDescription(
    `RPC addresses of nodes, with commas between them (default HOLDFAST_NODES, or else ${fallback})`
  ),
  Flag.withMetavar("host:port,…"),
  Flag.optional
)

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON, for scripts"),
  Flag.withDefault(false)
)

export const resolveNodes = (
  flag: Option.Option<string>,
  { HOLDFAST_NODES: variable = "" }: Readonly<Record<string, string | undefined>>
): Effect.Effect<ReadonlyArray<HostAndPort>, WrongCall> => {
  const fromVariable = variable === "" ? Option.none<string>() : Option.some(variable)
  const place = Option.isSome(flag) ? "--nodes" : "HOLDFAST_NODES"
  const text = Option.getOrElse(Option.orElse(flag, () => fromVariable), () => fallback)
  return Effect.forEach(text.split(","), (address) => parsed(address.trim(), place))
}

const parsed = (address: string, place: string) =>
  Effect.mapError(
    Effect.fromOption(parseAddress(address)),
    () => new WrongCall({ message: `${place} must be addresses host:port, and ${JSON.stringify(address)} is none` })
  )
