/**
 * The tables of the documentation, each with the command and the machine that they come from.
 */
import type { Figures, Results, Taken } from "../all/Figures.ts"
import { loads as httpLoads } from "../http/Http.ts"
import { spread } from "../lib/Measured.ts"
import { ratioTo } from "../peers/Ratios.ts"
import { processes } from "../profile/Profile.ts"
import { layerRows } from "../profile/Text.ts"
import { rowsOf, startRows } from "../scale/Text.ts"
import { figure, number, source, table } from "./Markdown.ts"

/** Of the parts that were measured, by the names of their marks. */
export const written = (figures: Figures): ReadonlyArray<readonly [name: string, section: string]> => [
  ...section("throughput", figures.throughput, throughput),
  ...section("http", figures.http, http),
  ...section("peers", figures.peers, peers),
  ...section("scale", figures.scale, scale),
  ...section("sweep", figures.sweep, sweep),
  ...section("profile", figures.profile, profile)
]

const section = <R>(name: string, taken: Taken<R> | undefined, of: (results: R) => string) =>
  taken === undefined ? [] : [[name, `${of(taken.results)}\n\n${source(taken)}`] as const]

const scale = (results: Results["scale"]): string => {
  const [head = [], ...starts] = startRows(results)
  const tables = [
    table(["what", "figure"], rowsOf(results).map(plain)),
    ...(head.length > 0 ? [table(head, starts)] : [])
  ]
  return tables.join("\n\n")
}

const plain = (cells: readonly [string, string]) => cells.map((cell) => cell.trim().replaceAll("  ", " "))

interface Run {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly cpuMicros: number | null
}

const head = ["a second", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs"]

const cells = (runs: ReadonlyArray<Run>): ReadonlyArray<string> => {
  const micros = runs.map(({ cpuMicros }) => cpuMicros).filter((each) => each !== null)
  return [
    figure(spread(runs.map(({ perSecond }) => perSecond)), 0),
    figure(spread(runs.map(({ p50Ms }) => p50Ms)), 2),
    figure(spread(runs.map(({ p99Ms }) => p99Ms)), 2),
    number(spread(runs.map(({ p999Ms }) => p999Ms)).median, 2),
    micros.length === 0 ? "" : number(spread(micros).median, 1)
  ]
}

const picture = (name: string, shows: string) => `![${shows}](performance/${name}.svg)`

const throughput = (loads: Results["throughput"]): string =>
  [throughputTable(loads), picture("open", "Quantiles of an acquire under open loads")].join("\n\n")

const throughputTable = (loads: Results["throughput"]): string =>
  table(
    ["load", ...head],
    loads.flatMap(({ floor, load, runs }) => [
      [load, ...cells(runs)],
      ...(floor.length === 0 ? [] : [["the floor beside it", ...cells(floor)]])
    ])
  )

const http = (results: Results["http"]): string =>
  table(["requests to", ...head], httpLoads.map((name) => [name, ...cells(results[name])]))

const peers = (rows: Results["peers"]): string =>
  [picture("peers", "Cycles a second of Holdfast, etcd, ZooKeeper and Redlock"), peersTable(rows)].join("\n\n")

const peersTable = (rows: Results["peers"]): string =>
  table(
    ["load", "system", ...head, "Holdfast is so many times as fast"],
    rows.map((row) => {
      const times = ratioTo(row, rows)
      return [row.load, row.system, ...cells(row.runs), times === null ? "" : figure(times, 1)]
    })
  )

const sweep = (points: Results["sweep"]): string =>
  [
    picture("cycles", "Cycles a second by workers, for 3, 5 and 7 nodes"),
    picture("latency", "p50 of an acquire by workers, for 3, 5 and 7 nodes and the floor"),
    picture("cpu", "CPU of all nodes for a cycle by workers, for 3, 5 and 7 nodes"),
    sweepTable(points)
  ].join("\n\n")

const sweepTable = (points: Results["sweep"]): string =>
  table(
    ["nodes", "workers", ...head, "CPU µs of one node"],
    points.map(({ nodes, runs, workers }) => {
      const micros = runs.map(({ cpuMicros }) => (cpuMicros ?? Number.NaN) / nodes)
      return [`${nodes}`, number(workers, 0), ...cells(runs), number(spread(micros).median, 1)]
    })
  )

const profile = (profiles: Results["profile"]): string =>
  profiles.map((profiled) =>
    [
      `${profiled.load}, ${number(profiled.perSecond, 0)} cycles/s under the profile; µs of a cycle:`,
      table(["where", ...processes], layerRows(profiled))
    ].join("\n\n")
  ).join("\n\n")
