/**
 * `holdfast members`: who the cluster is, and who is to be in it.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import type { Members } from "../../api/Cluster.ts"
import { ask, show } from "../Asking.ts"
import { addressArgument, nodeArgument } from "../NodeArgument.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { styleFor } from "../Style.ts"
import { type Row, table } from "../Table.ts"

const flags = { nodes: nodesFlag, json: jsonFlag }

const node = nodeArgument.pipe(Argument.withDescription("The name of the node"))

const list = Command.make(
  "list",
  flags,
  ({ json, nodes }) =>
    ask(
      nodes,
      (client) => Effect.flatMap(client.members, (members) => show(json, inOrder(members), membersTable(members)))
    )
).pipe(
  Command.withDescription("Show the members, as the node that answers knows them")
)

const addFlags = {
  ...flags,
  node,
  raft: addressArgument.pipe(Argument.withDescription("Where the Raft port of the node is"))
}

const add = Command.make(
  "add",
  addFlags,
  ({ json, node: nodeId, nodes, raft }) =>
    ask(nodes, (client) =>
      Effect.andThen(
        client.addMember({ nodeId, raft }),
        show(json, { nodeId, raft }, `${nodeId} is in, at ${raft}. It decides with the others once it has caught up.`)
      ))
).pipe(Command.withDescription("Add a node, which is started with --join on an empty data directory"))

const remove = Command.make(
  "remove",
  { ...flags, node },
  ({ json, node: nodeId, nodes }) =>
    ask(
      nodes,
      (client) =>
        Effect.andThen(client.removeMember(nodeId), show(json, { nodeId, removed: true }, `${nodeId} is out.`))
    )
).pipe(
  Command.withDescription("Remove a node, whether it runs or not")
)

export const members = Command.make("members").pipe(
  Command.withDescription("Show and change who the cluster is"),
  Command.withSubcommands([list, add, remove])
)

/** As HTTP answers, also in the order of the keys, which does not survive binary frames. */
const inOrder = ({ leaderId, members }: Members) => ({
  leaderId,
  members: members.map(({ http, nodeId, raft, rpc, self, voter }) => ({ nodeId, raft, http, rpc, voter, self }))
})

const membersTable = ({ leaderId, members }: Members): string =>
  table(
    ["node", "role", "Raft", "HTTP", "RPC"],
    members.map(({ http, nodeId, raft, rpc, voter }): Row => {
      const role = nodeId === leaderId ? "leader" : voter ? "voter" : "learner"
      return { color: colors[role], cells: [nodeId, role, raft, http ?? "-", rpc ?? "-"] }
    }),
    styleFor(process.stdout)
  )

const colors = { leader: "green", voter: "cyan", learner: "yellow" } as const
