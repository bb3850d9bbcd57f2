/**
 * Every target, what was measured for it, and whether it is met.
 */
import type { Figures, Results } from "../all/Figures.ts"
import { verdict as httpVerdict } from "../http/Http.ts"
import { type Spread, spread } from "../lib/Measured.ts"
import { judge, type Verdict } from "../lib/Verdict.ts"
import { own } from "../peers/Peers.ts"
import { ratioTo } from "../peers/Ratios.ts"
import { verdicts } from "../throughput/Targets.ts"
import { figure, table as markdown } from "./Markdown.ts"

export const table = (figures: Figures): string =>
  markdown(
    ["target", "bound", "measured", "", "command"],
    rowsOf(figures).map(({ bound, command, isMet, measured, what }) => [
      what,
      bound,
      measured,
      isMet ? "met" : "**missed**",
      `\`${command}\``
    ])
  )

interface Row {
  readonly what: string
  readonly bound: string
  readonly measured: string
  readonly isMet: boolean
  readonly command: string
}

const rowsOf = ({ http, peers, scale, throughput }: Figures): ReadonlyArray<Row> => [
  ...(peers === undefined ? [] : told(peersVerdicts(peers.results), peers.command)),
  ...(throughput === undefined ? [] : told(
    verdicts(new Map(throughput.results.map(({ load, ...beside }) => [load, beside]))),
    throughput.command
  )),
  ...(http === undefined ? [] : told([httpVerdict(http.results)], http.command)),
  ...(scale === undefined ? [] : told(scaleVerdicts(scale.results), scale.command))
]

const told = (verdicts: ReadonlyArray<Verdict>, command: string): ReadonlyArray<Row> =>
  verdicts.map(({ bound, isMet, ratio, what }) => ({ what, bound, measured: figure(ratio, 2), isMet, command }))

const peersVerdicts = (rows: Results["peers"]): ReadonlyArray<Verdict> => {
  const against = (load: string, system: string, atLeast: number) => {
    const row = rows.find((each) => each.load === load && each.system === system)
    const ratio = row === undefined ? null : ratioTo(row, rows)
    const what = `${load}: cycles of ${own} to those of ${system}`
    return ratio === null ? [] : [judge(what, ratio, { atLeast })]
  }
  return [
    ...against("256 workers", "etcd, concurrency.Mutex", 10),
    ...against("256 workers", "Redlock over 3 Redis", 1),
    ...against("32 workers", "etcd, concurrency.Mutex", 4),
    ...against("hot, 32 workers", "etcd, concurrency.Mutex", 4)
  ]
}

const one = (value: number): Spread => ({ median: value, min: value, max: value })

const scaleVerdicts = ({ held, log, renewals = [], waiters }: Results["scale"]): ReadonlyArray<Verdict> => [
  ...(held === undefined ? [] : [
    judge("a million held locks: resident memory of a node, GB", spread(held.residentBytes.map(gigabytes)), {
      atMost: 1
    }),
    judge("the same: p50 of an acquire to that of an empty cluster", held.p50Ratio, { atMost: 1.3 }),
    judge("the same: the longest pause of a leader that takes a snapshot, ms", one(held.snapshot.pauses.maxMs), {
      atMost: 10
    }),
    judge("the same: a node starts again from its snapshot, s", one(held.restartMillis / 1000), { atMost: 5 })
  ]),
  ...(log === undefined ? [] : [
    judge("a node with a million entries in its log starts again, s", one(log.restartMillis / 1000), { atMost: 5 })
  ]),
  ...renewals.map(({ connections, runs }) =>
    judge(
      `10,000 sessions of 10 s that only renew, on ${connections.toLocaleString("en-US")} connections: of one core, ` +
        "the leader",
      spread(runs.map(({ leaderShare }) => leaderShare)),
      { atMost: 0.2 }
    )
  ),
  ...(waiters === undefined ? [] : [
    judge(
      "100,000 waiters on 1,000 locks: cycles on other locks, to those before",
      spread(waiters.beside.map(({ perSecond }, run) => perSecond / (waiters.before[run]?.perSecond ?? Number.NaN))),
      // "Still serving" has no number; half is what we call serving.
      { atLeast: 0.5 }
    )
  ])
]

const gigabytes = (bytes: number): number => bytes / 1e9
