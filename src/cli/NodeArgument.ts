/**
 * The name of a node and an address, as arguments and as flags of a command, with words for whoever mistypes them.
 */
import { Option, Schema } from "effect"
import { Argument, Flag } from "effect/cli"
import { parseAddress } from "../api/Address.ts"
import { NodeId } from "../api/Fields.ts"

const decodeNode = Schema.decodeUnknownOption(NodeId)
const nodeWords = () => "1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit"

const isAddress = (text: string): boolean => Option.isSome(parseAddress(text))
const addressWords = () => "host:port, and [host]:port for IPv6"

export const nodeArgument = Argument.String("node").pipe(Argument.filterMap(decodeNode, nodeWords))

export const addressArgument = Argument.String("host:port").pipe(Argument.filter(isAddress, addressWords))

export const nodeFlag = Flag.String("node-id").pipe(Flag.filterMap(decodeNode, nodeWords), Flag.withMetavar("node"))

export const addressFlag = Flag.String("raft").pipe(
  Flag.filter(isAddress, addressWords),
  Flag.withMetavar("host:port")
)
