/**
 * `holdfast history`: who holds a lock and who held it, or who did in a minute, a second or a day.
 */
import { DateTime, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { Hold } from "../../api/LockInsight.ts"
import { ask, show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { nameArgument } from "../LockFlags.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { type Color, styleFor } from "../Style.ts"
import { type Row, table } from "../Table.ts"
import { localTime, type Period, period } from "../Times.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  at: Flag.String("at").pipe(
    Flag.withDescription(
      "Only who held it then: 14:03 (that minute) or 14:03:20 of today, or a date and time as in 2026-01-31T14:03"
    ),
    Flag.withMetavar("time"),
    Flag.optional
  ),
  name: nameArgument
}

export const history = Command.make(
  "history",
  flags,
  ({ at, json, name, nodes }) =>
    Effect.gen(function*() {
      const now = yield* DateTime.now
      const then = yield* Option.match(at, {
        onNone: () => Effect.succeed(null),
        onSome: (text) => period(text, now)
      })
      const { history } = yield* ask(nodes, (client) => client.lockHistory(name))
      const holds = then === null ? history : history.filter((hold) => isHeldIn(hold, then))
      yield* show(json, { name, history: holds }, holds.length === 0 ? nothing(name, then) : tableOf(holds))
    })
).pipe(Command.withDescription("Show who holds a lock and who held it, the latest first"))

/** For some of it at least. */
const isHeldIn = ({ endedAt, grantedAt }: Hold, { from, to }: Period): boolean =>
  grantedAt !== null && Date.parse(grantedAt) <= to && (endedAt === null || from <= Date.parse(endedAt))

const nothing = (name: string, then: Period | null): string =>
  then === null
    ? `Nobody is known to have held ${name}. The cluster remembers the latest grants, and not for ever.`
    : `Nobody is known to have held ${name} at ${then.text}.`

const tableOf = (holds: ReadonlyArray<Hold>): string =>
  table(["token", "holder", "mode", "granted", "ended", "held", "how"], holds.map(rowOf), styleFor(process.stdout))

const rowOf = ({ ended, endedAt, grantedAt, heldMs, label, mode, owner, token }: Hold): Row => ({
  color: colorOf(ended),
  cells: [
    String(token),
    [label, owner].filter((part) => part !== "").join("/") || "-",
    mode,
    timeOf(grantedAt),
    ended === null ? "-" : timeOf(endedAt),
    duration(heldMs),
    ended ?? "holds it"
  ]
})

const timeOf = (iso: string | null): string => iso === null ? "unknown" : localTime(Date.parse(iso))

const colorOf = (ended: Hold["ended"]): Color => {
  if (ended === null) return "green"
  return ended === "released" || ended === "session-ended" ? "cyan" : "red"
}
