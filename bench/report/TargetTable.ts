/**
 * Every target, what was measured for it, whether it is met, and for a miss where the time goes.
 */
import type { Figures, Results } from "../all/Figures.ts"
import { verdict as httpVerdict } from "../http/Http.ts"
import { type Spread, spread } from "../lib/Measured.ts"
import { judge, type Verdict } from "../lib/Verdict.ts"
import { own } from "../peers/Peers.ts"
import { ratioTo } from "../peers/Ratios.ts"
import type * as Renewals from "../scale/Renewals.ts"
import { verdicts } from "../throughput/Targets.ts"
import { figure, table as markdown } from "./Markdown.ts"
import * as Reasons from "./Reasons.ts"

export const table = (figures: Figures): string =>
  markdown(
    ["target", "bound", "measured", "", "where the time goes", "command"],
    rowsOf(figures).map(({ command, reason, verdict: { bound, isMet, ratio, what } }) => [
      what,
      bound,
      figure(ratio, 2),
      isMet ? "met" : "**missed**",
      isMet ? "" : reason,
      `\`${command}\``
    ])
  )

interface Row {
  readonly verdict: Verdict
  readonly command: string
  readonly reason: string
}

const rowsOf = ({ http, peers, profile, scale, sweep, throughput }: Figures): ReadonlyArray<Row> => {
  const because = (load: string) => Reasons.ofCycle(profile?.results ?? [], load)
  return [
    ...(peers === undefined ? [] : peersVerdicts(peers.results).map(({ load, verdict }) => (
      { verdict, command: peers.command, reason: because(load) }
    ))),
    ...(throughput === undefined ? [] : verdicts(
      new Map(throughput.results.map(({ load, ...beside }) => [load, beside]))
    ).map((verdict) => ({ verdict, command: throughput.command, reason: because(verdict.load) }))),
    ...(http === undefined
      ? []
      : [{ verdict: httpVerdict(http.results), command: http.command, reason: because("HTTP, 32 connections") }]),
    ...(scale === undefined ? [] : scaleVerdicts(scale.results).map((row) => ({ ...row, command: scale.command }))),
    ...(sweep === undefined ? [] : sweepVerdicts(sweep.results).map((verdict) => (
      { verdict, command: sweep.command, reason: because("256 workers") }
    )))
  ]
}

const peersVerdicts = (rows: Results["peers"]) => {
  const against = (load: string, system: string, atLeast: number) => {
    const row = rows.find((each) => each.load === load && each.system === system)
    const ratio = row === undefined ? null : ratioTo(row, rows)
    const what = `${load}: cycles of ${own} to those of ${system}`
    return ratio === null ? [] : [{ load, verdict: judge(what, ratio, { atLeast }) }]
  }
  return [
    ...against("256 workers", "etcd, concurrency.Mutex", 10),
    ...against("256 workers", "Redlock over 3 Redis", 1),
    ...against("32 workers", "etcd, concurrency.Mutex", 4),
    ...against("hot, 32 workers", "etcd, concurrency.Mutex", 4)
  ]
}

const one = (value: number): Spread => ({ median: value, min: value, max: value })

const count = (value: number): string => value.toLocaleString("en-US")

const scaleVerdicts = ({ held, log, renewals = [], waiters }: Results["scale"]) => [
  ...(held === undefined ? [] : heldVerdicts(held)),
  ...(log === undefined ? [] : [{
    verdict: judge(
      `a node with ${count(log.entries)} entries in its log starts again, s`,
      one(log.restart.millis / 1000),
      { atMost: 5 }
    ),
    reason: Reasons.ofStart(log.restartProfile)
  }]),
  ...renewals.map(renewalVerdict),
  ...(waiters === undefined ? [] : [{
    verdict: judge(
      `${count(waiters.waiters)} waiters on ${count(waiters.locks)} locks: cycles on other locks, to those before`,
      spread(waiters.beside.map(({ perSecond }, run) => perSecond / (waiters.before[run]?.perSecond ?? Number.NaN))),
      // "Still serving" has no number: half is what we call serving.
      { atLeast: 0.5 }
    ),
    reason: ""
  }])
]

/** Met only if the sessions were renewed as often as they are meant to be: a load that cannot keep up shows nothing. */
const renewalVerdict = ({ connections, ended, runs, sessions, ttlMillis }: Renewals.Results) => {
  const shares = spread(runs.map(({ leaderShare }) => leaderShare))
  const expected = sessions / (ttlMillis / 3000)
  const { median: rate } = spread(runs.map(({ renewalsPerSecond }) => renewalsPerSecond))
  const what = `${count(sessions)} sessions of 10 s that only renew, on ${count(connections)} connections: ` +
    "of one core, the leader"
  const verdict = judge(what, shares, { atMost: 0.2 })
  const isKept = ended === 0 && rate >= 0.95 * expected
  return {
    verdict: { ...verdict, isMet: verdict.isMet && isKept },
    reason: isKept
      ? ""
      : `${count(Math.round(rate))} of ${count(Math.round(expected))} renewals/s, ${ended} sessions ended`
  }
}

const heldVerdicts = (held: NonNullable<Results["scale"]["held"]>) => [
  {
    verdict: judge(
      `${count(held.locks)} held locks: resident memory of a node, GB`,
      spread(held.residentBytes.map((bytes) => bytes / 1e9)),
      { atMost: 1 }
    ),
    reason: `of the leader's, ${(held.heapBytes / 1e9).toFixed(2)} GB are V8's heap`
  },
  {
    verdict: judge("the same: p50 of an acquire to that of an empty cluster", held.p50Ratio, { atMost: 1.3 }),
    reason: ""
  },
  {
    verdict: judge(
      "the same: the longest pause of a leader that takes a snapshot, ms",
      one(held.snapshot.pauses.maxMs),
      { atMost: 10 }
    ),
    reason: `the longest collection of garbage meanwhile: ${held.snapshot.pauses.collectorMaxMs.toFixed(1)} ms`
  },
  {
    verdict: judge("the same: a node starts again from its snapshot, s", one(held.restart.millis / 1000), {
      atMost: 5
    }),
    reason: Reasons.ofStart(held.restartProfile)
  }
]

/** "Flat" has no number: more workers get no less done, and a node of seven works little more than one of three. */
const sweepVerdicts = (points: Results["sweep"]): ReadonlyArray<Verdict> => {
  const runsOf = (nodes: number, workers: number) =>
    points.find((point) => point.nodes === nodes && point.workers === workers)?.runs ?? []
  const ratios = (of: ReadonlyArray<number>, to: ReadonlyArray<number>) => of.map((value, run) => value / to[run]!)
  const rates = ratios(
    runsOf(3, 1024).map(({ perSecond }) => perSecond),
    runsOf(3, 256).map(({ perSecond }) => perSecond)
  )
  const micros = (nodes: number) => runsOf(nodes, 256).map(({ cpuMicros }) => (cpuMicros ?? Number.NaN) / nodes)
  const costs = ratios(micros(7), micros(3))
  return [
    ...(rates.length === 0 ? [] : [
      judge("three nodes: cycles of 1,024 workers to those of 256", spread(rates), { atLeast: 1 })
    ]),
    ...(costs.length === 0 ? [] : [
      judge("256 workers: CPU of one node for a cycle, of seven to three nodes", spread(costs), { atMost: 1.25 })
    ])
  ]
}
