/**
 * `holdfast locks`: the locks that are held or waited for, in order of their names.
 */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { LockView } from "../../api/Locks.ts"
import type { AdminClient } from "../../client/AdminClient.ts"
import { ask, show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { type Style, styleFor } from "../Style.ts"
import { type Row, table } from "../Table.ts"
import { watched, watchFlag } from "../Watched.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  watch: watchFlag,
  limit: Flag.Int("limit").pipe(
    Flag.withDescription("How many to show at the most (default 1000)"),
    Flag.filter((limit) => limit >= 1, () => "a whole number above 0"),
    Flag.withDefault(1000)
  ),
  prefix: Argument.String("prefix").pipe(
    Argument.withDescription("Only locks whose names begin so"),
    Argument.optional
  )
}

export const locks = Command.make(
  "locks",
  flags,
  ({ json, limit, nodes, prefix: given, watch }) =>
    watched(
      watch,
      ask(nodes, (client) =>
        Effect.gen(function*() {
          const prefix = Option.getOrElse(given, () => "")
          const { locks, more } = yield* firstOf(client, prefix, limit)
          yield* show(json, { locks, more }, textOf(locks, more, prefix, styleFor(process.stdout)))
        }))
    )
).pipe(Command.withDescription("List the locks that are held or waited for"))

const pageLengthMax = 1000

/** One page after the other, until there are so many. */
const firstOf = Effect.fnUntraced(function*(client: AdminClient["Service"], prefix: string, limit: number) {
  const locks: Array<LockView> = []
  let cursor: string | null = null
  do {
    const page: { readonly locks: ReadonlyArray<LockView>; readonly cursor: string | null } = yield* client.listLocks({
      prefix,
      limit: Math.min(limit - locks.length, pageLengthMax),
      cursor
    })
    locks.push(...page.locks)
    cursor = page.cursor
  } while (cursor !== null && locks.length < limit)
  return { locks, more: cursor !== null }
})

const textOf = (locks: ReadonlyArray<LockView>, more: boolean, prefix: string, style: Style): string => {
  if (locks.length === 0) return `No lock${prefix === "" ? "" : ` that begins with ${prefix}`} is held or waited for.`
  const shown = table(["lock", "mode", "holder", "token", "held", "expires in", "waiting"], locks.map(rowOf), style)
  return more ? `${shown}\n${style("dim", "… and more; --limit shows them")}` : shown
}

const rowOf = ({ holders, lockDelayLeftMs, mode, name, permits, queueLength }: LockView): Row => {
  const [first, ...others] = holders
  const held = first === undefined
    ? [lockDelayLeftMs > 0 ? `(held back for ${duration(lockDelayLeftMs)})` : "-", "-", "-", "-"]
    : [
      `${[first.label, first.owner].filter((part) => part !== "").join("/") || "-"}${
        others.length === 0 ? "" : ` and ${others.length} more`
      }`,
      String(first.token),
      duration(first.heldMs),
      duration(first.expiresInMs)
    ]
  return {
    color: first === undefined ? "yellow" : queueLength > 0 ? "magenta" : "green",
    cells: [name, modeOf(mode, permits), ...held, String(queueLength)]
  }
}

const modeOf = (mode: LockView["mode"], permits: number): string => permits > 1 ? `${permits} permits` : mode ?? "-"
