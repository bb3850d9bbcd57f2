/**
 * `holdfast transfer-leader`: lets another node lead, before the leader is stopped for a while.
 */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { ask, show } from "../Asking.ts"
import { nodeArgument } from "../NodeArgument.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  node: nodeArgument.pipe(
    Argument.withDescription("Who is to lead; by default the one that is furthest"),
    Argument.optional
  )
}

export const transferLeader = Command.make(
  "transfer-leader",
  flags,
  ({ json, node, nodes }) =>
    ask(nodes, (client) =>
      Effect.flatMap(
        client.transferLeadership(Option.getOrNull(node)),
        (leadership) => show(json, leadership, `${leadership.leaderId} leads, in term ${leadership.term}.`)
      ))
).pipe(Command.withDescription("Let another node lead"))
