/**
 * `holdfast status`: what each of the nodes asked says of itself, and which of them do not answer. The members that
 * they tell of are asked too: whoever knows one node sees the whole cluster.
 */
import { Effect, Option, Result } from "effect"
import { Command } from "effect/cli"
import { formatAddress, type HostAndPort, parseAddress } from "../../api/Address.ts"
import type { Status } from "../../api/Cluster.ts"
import { statusOf } from "../../client/AdminClient.ts"
import { type NoAnswer, noneAnswers } from "../../client/ClientErrors.ts"
import { show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { jsonFlag, nodesFlag, resolveNodes } from "../Nodes.ts"
import { type Color, styleFor } from "../Style.ts"
import { type Row, table } from "../Table.ts"
import { watched, watchFlag } from "../Watched.ts"

export const status = Command.make(
  "status",
  { nodes: nodesFlag, json: jsonFlag, watch: watchFlag },
  ({ json, nodes, watch }) =>
    watched(
      watch,
      Effect.gen(function*() {
        const given = yield* lookAt(yield* resolveNodes(nodes, process.env))
        const silent = given.flatMap(({ status }) => Result.isFailure(status) ? [status.failure] : [])
        if (silent.length === given.length) return yield* noneAnswers(silent)
        const answers = [...given, ...(yield* lookAt(othersOf(given)))]
        yield* show(json, { nodes: answers.map(entryOf) }, statusTable(answers))
      })
    )
).pipe(Command.withDescription("Show what each node says of itself"))

interface Answer {
  readonly address: string
  readonly status: Result.Result<Status, NoAnswer>
}

const lookAt = (nodes: ReadonlyArray<HostAndPort>) => Effect.forEach(nodes, look, { concurrency: "unbounded" })

/** Members that nobody has asked, where it is known how to. A node has not told its address before it first ran. */
const othersOf = (given: ReadonlyArray<Answer>): ReadonlyArray<HostAndPort> => {
  const ids = new Set(statusesOf(given).map(({ nodeId }) => nodeId))
  const asked = new Set(given.map(({ address }) => address))
  const rpcs = membersOf(given).flatMap(({ nodeId, rpc }) => rpc === null || ids.has(nodeId) ? [] : [rpc])
  return [...new Set(rpcs)].filter((rpc) => !asked.has(rpc)).flatMap((rpc) => Option.toArray(parseAddress(rpc)))
}

const statusesOf = (answers: ReadonlyArray<Answer>): ReadonlyArray<Status> =>
  answers.flatMap(({ status }) => Result.isSuccess(status) ? [status.success] : [])

const membersOf = (answers: ReadonlyArray<Answer>) => statusesOf(answers).flatMap(({ members }) => members)

const look = (node: HostAndPort): Effect.Effect<Answer> =>
  Effect.map(Effect.result(statusOf(node)), (status) => ({ address: formatAddress(node), status }))

const entryOf = ({ address, status }: Answer) =>
  Result.isSuccess(status)
    ? { address, status: status.success }
    : { address, status: null, error: status.failure.why }

const statusTable = (answers: ReadonlyArray<Answer>): string =>
  table(
    ["node", "RPC", "state", "term", "leader", "committed", "applied", "last", "up", "version"],
    answers.map((answer) => rowOf(answer, nameOf(answer, answers))),
    styleFor(process.stdout)
  )

/** As the others call it that is at this address. */
const nameOf = ({ address }: Answer, answers: ReadonlyArray<Answer>): string =>
  membersOf(answers).find(({ rpc }) => rpc === address)?.nodeId ?? "-"

const rowOf = ({ address, status }: Answer, name: string): Row => {
  if (Result.isFailure(status)) return { color: "red", cells: [name, address, status.failure.why] }
  const { commitIndex, lastApplied, lastLogIndex, leaderId, nodeId, state, term, uptimeMs, version } = status.success
  const numbers = [commitIndex, lastApplied, lastLogIndex].map(String)
  return {
    color: colors[state],
    cells: [nodeId, address, state, String(term), leaderId ?? "-", ...numbers, duration(uptimeMs), version]
  }
}

const colors: { readonly [State in Status["state"]]: Color } = {
  LEADER: "green",
  FOLLOWER: "cyan",
  CANDIDATE: "yellow",
  PRE_CANDIDATE: "yellow",
  LEARNER: "yellow"
}
