/**
 * `holdfast status`: what each of the nodes asked says of itself, and which of them do not answer.
 */
import { Effect, Result } from "effect"
import { Command } from "effect/cli"
import { formatAddress, type HostAndPort } from "../../api/Address.ts"
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
        const answers = yield* Effect.forEach(yield* resolveNodes(nodes, process.env), look, {
          concurrency: "unbounded"
        })
        const silent = answers.flatMap(({ status }) => Result.isFailure(status) ? [status.failure] : [])
        if (silent.length === answers.length) return yield* noneAnswers(silent)
        yield* show(json, { nodes: answers.map(entryOf) }, statusTable(answers))
      })
    )
).pipe(Command.withDescription("Show what each node says of itself"))

interface Answer {
  readonly address: string
  readonly status: Result.Result<Status, NoAnswer>
}

const look = (node: HostAndPort): Effect.Effect<Answer> =>
  Effect.map(Effect.result(statusOf(node)), (status) => ({ address: formatAddress(node), status }))

const entryOf = ({ address, status }: Answer) =>
  Result.isSuccess(status)
    ? { address, status: status.success }
    : { address, status: null, error: status.failure.why }

const statusTable = (answers: ReadonlyArray<Answer>): string =>
  table(
    ["node", "RPC", "state", "term", "leader", "committed", "applied", "last", "up", "version"],
    answers.map(rowOf),
    styleFor(process.stdout)
  )

const rowOf = ({ address, status }: Answer): Row => {
  if (Result.isFailure(status)) return { color: "red", cells: ["-", address, status.failure.why] }
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
