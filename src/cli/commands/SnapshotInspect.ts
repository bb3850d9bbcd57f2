/**
 * `holdfast snapshot inspect`: what a backup holds, after all of it has been verified.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { type BackupFacts, inspect as inspectBackup } from "../../node/backup/Inspect.ts"
import { show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { jsonFlag } from "../Nodes.ts"
import { size } from "../Sizes.ts"
import { styleFor } from "../Style.ts"
import { table } from "../Table.ts"

const flags = {
  json: jsonFlag,
  file: Argument.String("file").pipe(Argument.withDescription("A file that `snapshot save` has written"))
}

export const inspect = Command.make(
  "inspect",
  flags,
  ({ file, json }) => Effect.flatMap(inspectBackup(file), (facts) => show(json, facts, textOf(facts)))
).pipe(Command.withDescription("Verify a backup and show what it holds"))

const textOf = (facts: BackupFacts): string => {
  const { bytes, clusterId, file, index, lastToken, locks, longestTtlMs, release, sessions, sha256, term } = facts
  const style = styleFor(process.stdout)
  const lines = [
    ["file", `${file}, ${size(bytes)}, whole; written by Holdfast ${release}`],
    ["SHA-256", sha256],
    ["cluster", clusterId],
    ["entry", `${index} of term ${term}`],
    ["locks", `${locks}, of ${sessions} sessions; the longest TTL is ${duration(longestTtlMs)}`],
    ["token", `${lastToken} is the last one that was given`]
  ].map(([name = "", value = ""]) => `${style("bold", name.padEnd(8))}  ${value}`)
  const members = table(
    ["node", "role", "Raft"],
    facts.members.map(({ nodeId, raft, voter }) => ({
      color: voter ? "cyan" : "yellow",
      cells: [nodeId, voter ? "voter" : "learner", raft]
    })),
    style
  )
  return [...lines, "", members].join("\n")
}
