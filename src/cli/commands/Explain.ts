/**
 * `holdfast explain`: why one waits for a lock: who holds it, who is before whom, and how long it may take.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import type { Explanation } from "../../api/LockInsight.ts"
import { ask, show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { harmless } from "../Harmless.ts"
import { nameArgument } from "../LockFlags.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { type Style, styleFor } from "../Style.ts"
import { table } from "../Table.ts"
import { watched, watchFlag } from "../Watched.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  watch: watchFlag,
  name: nameArgument
}

export const explain = Command.make(
  "explain",
  flags,
  ({ json, name, nodes, watch }) =>
    watched(
      watch,
      ask(nodes, (client) =>
        Effect.flatMap(
          client.explainLock(name),
          (explained) => show(json, explained, textOf(explained, styleFor(process.stdout)))
        ))
    )
).pipe(Command.withDescription("Show who holds a lock, who waits, and how long it may take"))

const textOf = (explained: Explanation, style: Style): string =>
  [stateOf(explained, style), holdersOf(explained, style), queueOf(explained, style), estimateOf(explained)]
    .filter((part) => part !== "").join("\n\n")

const stateOf = (explained: Explanation, style: Style): string => {
  const { holders, lastToken, lockDelayLeftMs, mode, name, permits, queueLength } = explained
  const lock = style("bold", harmless(name))
  if (holders.length > 0) {
    const how = permits > 1 ? `${holders.length} of ${permits} permits are taken` : `held, ${mode}`
    return `${lock}: ${how}; ${queueLength === 0 ? "nobody waits" : `${queueLength} wait`}`
  }
  if (lockDelayLeftMs > 0) {
    const left = duration(lockDelayLeftMs)
    // What is held back for its last holder has had one: nobody has had this since the cluster was made from a backup.
    return lastToken === null
      ? `${lock}: free, but this cluster was restored from a backup and grants nothing for ${left}`
      : `${lock}: held back for ${left} after a holder that was lost`
  }
  return `${lock}: free${lastToken === null ? "" : `; its last token was ${lastToken}`}`
}

const holdersOf = ({ holders }: Explanation, style: Style): string =>
  holders.length === 0
    ? ""
    : table(
      ["holder", "mode", "token", "held", "expires in", "value"],
      holders.map(({ expiresInMs, heldMs, label, mode, owner, token, value }) => ({
        color: "green",
        cells: [whoOf(label, owner), mode, String(token), duration(heldMs), duration(expiresInMs), value ?? "-"]
      })),
      style
    )

const queueOf = ({ queue }: Explanation, style: Style): string =>
  queue.length === 0
    ? ""
    : table(
      ["waiting", "place", "mode", "waited", "waits at least", "may take"],
      queue.map(({ estimatedWaitMs, label, mode, owner, position, waitEndsInMs, waitedMs }) => ({
        color: "yellow",
        cells: [
          whoOf(label, owner),
          String(position),
          mode,
          duration(waitedMs),
          duration(waitEndsInMs),
          estimatedWaitMs === null ? "?" : duration(estimatedWaitMs)
        ]
      })),
      style
    )

const whoOf = (label: string, owner: string): string => [label, owner].filter((part) => part !== "").join("/") || "-"

const estimateOf = ({ estimate, holders }: Explanation): string => {
  const { atMostMs, holdsSeen, typicalHoldMs, waitMs } = estimate
  if (holders.length === 0) return ""
  if (waitMs === null || typicalHoldMs === null) return "How long a holder keeps it is not known yet."
  const most = atMostMs === null ? "" : `, and at most ${duration(atMostMs)}`
  const seen = holdsSeen === 1
    ? "the holder before kept it for"
    : `half of the last ${holdsSeen} holders kept it for up to`
  return `Whoever comes now may wait for about ${duration(waitMs)}${most}: ${seen} ${duration(typicalHoldMs)}.`
}
