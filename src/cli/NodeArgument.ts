/**
 * The name of a node and an address as arguments of a command, with words for whoever mistypes them.
 */
import { Option, Schema } from "effect"
import { Argument } from "effect/cli"
import { parseAddress } from "../api/Address.ts"
import { NodeId } from "../api/Fields.ts"

export const nodeArgument = Argument.String("node").pipe(
  Argument.filterMap(
    Schema.decodeUnknownOption(NodeId),
    () => "1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit"
  )
)

export const addressArgument = Argument.String("host:port").pipe(
  Argument.filter((text) => Option.isSome(parseAddress(text)), () => "host:port, and [host]:port for IPv6")
)
