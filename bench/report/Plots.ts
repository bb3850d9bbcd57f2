/**
 * The plots of the documentation, by their file names.
 */
import type { Figures, Results } from "../all/Figures.ts"
import { type Spread, spread } from "../lib/Measured.ts"
import * as Bars from "../plot/Bars.ts"
import * as Lines from "../plot/Lines.ts"
import type { Point } from "../sweep/Sweep.ts"

export const drawn = ({ peers, sweep, throughput }: Figures): ReadonlyArray<readonly [name: string, svg: string]> => [
  ...(sweep === undefined ? [] : [
    ["cycles.svg", cycles(sweep.results)] as const,
    ["latency.svg", latency(sweep.results)] as const,
    ["cpu.svg", cpu(sweep.results)] as const
  ]),
  ...(peers === undefined ? [] : [["peers.svg", systems(peers.results)] as const]),
  ...(throughput === undefined ? [] : [["open.svg", open(throughput.results)] as const])
]

const linesOf = (points: ReadonlyArray<Point>, of: (point: Point) => Spread | null): ReadonlyArray<Lines.Line> =>
  [...Map.groupBy(points, ({ nodes }) => nodes)].map(([nodes, some]) => ({
    name: `${nodes} nodes`,
    points: some.flatMap((point) => {
      const value = of(point)
      return value === null ? [] : [[point.workers, value] as const]
    })
  }))

const cycles = (points: ReadonlyArray<Point>): string =>
  Lines.draw({
    title: "Acquire and release cycles a second, a lock for each worker",
    x: "workers",
    y: "cycles/s",
    lines: linesOf(points, ({ runs }) => spread(runs.map(({ perSecond }) => perSecond)))
  })

const latency = (points: ReadonlyArray<Point>): string => {
  const floor = points.filter((point) => point.floor.length > 0)
  return Lines.draw({
    title: "How long an acquire takes, p50",
    x: "workers",
    y: "ms",
    lines: [
      ...linesOf(points, ({ runs }) => spread(runs.map(({ p50Ms }) => p50Ms))),
      {
        name: "the floor",
        points: floor.map((point) => [point.workers, spread(point.floor.map(({ p50Ms }) => p50Ms))] as const)
      }
    ]
  })
}

const cpu = (points: ReadonlyArray<Point>): string =>
  Lines.draw({
    title: "CPU of all nodes for a cycle",
    x: "workers",
    y: "µs",
    lines: linesOf(points, ({ runs }) => {
      const micros = runs.map(({ cpuMicros }) => cpuMicros).filter((each) => each !== null)
      return micros.length === 0 ? null : spread(micros)
    })
  })

const systems = (rows: Results["peers"]): string =>
  Bars.draw({
    title: "Acquire and release cycles a second, by turns on one machine",
    unit: "cycles/s, on a logarithmic axis",
    groups: [...Map.groupBy(rows, ({ load }) => load)].map(([name, some]) => ({
      name,
      bars: some.map(({ runs, system }) => ({ name: system, value: spread(runs.map(({ perSecond }) => perSecond)) }))
    }))
  })

const open = (loads: Results["throughput"]): string => {
  const some = loads.filter(({ load }) => load.startsWith("open"))
  const quantiles = { "p50": "p50Ms", "p90": "p90Ms", "p99": "p99Ms", "p99.9": "p999Ms" } as const
  return Lines.draw({
    title: "How long an acquire takes under an open load, from when it was due",
    x: "% of the highest rate of the closed loads",
    y: "ms",
    lines: Object.entries(quantiles).map(([name, quantile]) => ({
      name,
      points: some.map(({ load, runs }) =>
        [Number(/\d+/.exec(load)), spread(runs.map((run) => run[quantile]))] as const
      )
    }))
  })
}
