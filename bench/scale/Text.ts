/**
 * What was measured of scale, as a table of figures.
 */
import { type Spread, spread } from "../lib/Measured.ts"
import * as Table from "../lib/Table.ts"
import type { Summary } from "../profile/Reading.ts"
import type { Start } from "./Inside.ts"
import type { Results } from "./Scale.ts"

type Row = readonly [what: string, figure: string]

export const textOf = (results: Results): string =>
  [rowsOf(results), startRows(results)].filter(({ length }) => length > 0).map(Table.table).join("\n\n")

/** Where the time of a start goes, the most first: in milliseconds by part of the program. */
export const startRows = ({ held, log }: Results): ReadonlyArray<ReadonlyArray<string>> => {
  const starts = [
    ...(held === undefined ? [] : [{ name: "from a snapshot", profile: held.restartProfile, ...held.restart }]),
    ...(log === undefined ? [] : [{ name: "from a log", profile: log.restartProfile, ...log.restart }])
  ]
  const names = new Set(starts.flatMap(({ profile }) => profile.layers.map(({ name }) => name)))
  const shareOf = (name: string, { layers }: Summary) => layers.find((layer) => layer.name === name)?.share ?? 0
  const rows = [...names].map((name) => ({ name, shares: starts.map(({ profile }) => shareOf(name, profile)) }))
    .filter(({ shares }) => shares.some((share) => share >= shareMin))
    .toSorted((a, b) => Math.max(...b.shares) - Math.max(...a.shares))
  return starts.length === 0 ? [] : [
    ["of the time of a start", ...starts.map(({ name }) => name)],
    ...rows.map(({ name, shares }) => [name, ...shares.map((share) => `${(100 * share).toFixed(0)} %`)])
  ]
}

const shareMin = 0.02

/** What was measured, and how it came out. */
export const rowsOf = ({ held, log, renewals = [], waiters }: Results): ReadonlyArray<Row> => [
  ...(held === undefined ? [] : heldRows(held)),
  ...(log === undefined ? [] : logRows(log)),
  ...renewals.flatMap(renewalRows),
  ...(waiters === undefined ? [] : waiterRows(waiters))
]

const heldRows = (held: NonNullable<Results["held"]>): ReadonlyArray<Row> => {
  const { acquires, emptyResidentBytes, fillSeconds, locks, p50Ratio, residentBytes, restart, snapshot } = held
  const p50 = (runs: typeof acquires.full) => figure(spread(runs.map(({ p50Ms }) => p50Ms)), 2)
  return [
    [`${count(locks)} held locks of ${count(held.sessions)} sessions: taken in`, `${fillSeconds.toFixed(1)} s`],
    ["  resident memory, the leader first", `${residentBytes.map(mebibytes).join(", ")} MiB`],
    ["  of which V8's heap, the leader", `${mebibytes(held.heapBytes)} MiB`],
    ["  resident memory with no lock, the leader", `${mebibytes(emptyResidentBytes)} MiB`],
    ["  p50 of an acquire, one worker", `${p50(acquires.full)} ms`],
    ["  the same of an empty cluster, by turns", `${p50(acquires.empty)} ms`],
    ["  their ratio", figure(p50Ratio, 2)],
    [`  a snapshot of ${mebibytes(snapshot.bytes)} MiB: written in`, `${snapshot.seconds.toFixed(2)} s`],
    ["  the longest pause of the leader meanwhile", `${snapshot.pauses.maxMs.toFixed(1)} ms`],
    ["  the longest of its garbage collections meanwhile", `${snapshot.pauses.collectorMaxMs.toFixed(1)} ms`],
    ["  its p99 meanwhile", `${snapshot.pauses.p99Ms.toFixed(1)} ms`],
    ["  the longest pause in 3 s without a snapshot", `${snapshot.pausesBefore.maxMs.toFixed(1)} ms`],
    ["  a killed follower started again from its snapshot in", startText(restart)]
  ]
}

const logRows = (log: NonNullable<Results["log"]>): ReadonlyArray<Row> => [
  [
    `a node with ${count(log.entries)} entries in its log, started again in`,
    startText(log.restart)
  ],
  ["  the same with an empty log", startText(log.emptyRestart)]
]

const renewalRows = (of: NonNullable<Results["renewals"]>[number]): ReadonlyArray<Row> => {
  const percent = (shares: ReadonlyArray<number>) => `${figure(spread(shares.map((share) => 100 * share)), 1)} %`
  const renewals = figure(spread(of.runs.map(({ renewalsPerSecond }) => renewalsPerSecond)), 0)
  return [
    [
      `${count(of.sessions)} sessions of ${of.ttlMillis / 1000} s on ${count(of.connections)} connections: renewals/s`,
      renewals
    ],
    ["  of one core, the leader", percent(of.runs.map(({ leaderShare }) => leaderShare))],
    ["  of one core, a follower", percent(of.runs.map(({ followerShare }) => followerShare))],
    ["  of one core, the leader without any session", `${(100 * of.idleLeaderShare).toFixed(1)} %`]
  ]
}

const waiterRows = (waiters: NonNullable<Results["waiters"]>): ReadonlyArray<Row> => {
  const rate = (runs: typeof waiters.before) => figure(spread(runs.map(({ perSecond }) => perSecond)), 0)
  const p99 = (runs: typeof waiters.before) => figure(spread(runs.map(({ p99Ms }) => p99Ms)), 1)
  return [
    [
      `${count(waiters.waiters)} waiters on ${count(waiters.locks)} locks: queued in`,
      `${waiters.queueSeconds.toFixed(1)} s`
    ],
    ["  cycles/s of 32 workers on other locks beside them", rate(waiters.beside)],
    ["  the same before", rate(waiters.before)],
    ["  p99 of their acquires beside them", `${p99(waiters.beside)} ms`],
    ["  the same before", `${p99(waiters.before)} ms`],
    ["  resident memory of the leader", `${mebibytes(waiters.residentBytes)} MiB`],
    ["  hand-overs/s when each gives back at once", waiters.handOversPerSecond.toFixed(0)]
  ]
}

const figure = ({ max, median, min }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`

const startText = ({ cpuMillis, millis }: Start): string =>
  `${(millis / 1000).toFixed(2)} s (${(cpuMillis / 1000).toFixed(2)} s of CPU)`

const count = (value: number): string => value.toLocaleString("en-US")

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
