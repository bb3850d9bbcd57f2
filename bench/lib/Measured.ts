/**
 * What one run of a load has measured, and what several runs of it come to: of each figure the median, and the least
 * and the greatest of the runs.
 */
import { distribution } from "./Distribution.ts"

export interface Measured {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Of all processes of the system that is measured, for one unit of work; null where it is not known. */
  readonly cpuMicros: number | null
  readonly errors: number
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export type Summary = { readonly [Figure in keyof Measured]: Spread | null }

const figures = ["perSecond", "p50Ms", "p99Ms", "p999Ms", "cpuMicros", "errors"] as const

export const summarize = (runs: ReadonlyArray<Measured>): Summary => {
  const entries = figures.map((figure) => {
    const values = runs.map((run) => run[figure]).filter((value) => value !== null)
    return [figure, values.length === 0 ? null : spread(values)]
  })
  return Object.fromEntries(entries)
}

export const spread = (values: ReadonlyArray<number>): Spread => {
  const { max, min, p50 } = distribution(values)
  return { median: p50, min, max }
}

/** Of two loads run by turns: the ratio of each pair of runs, which a machine that is busy now and then moves less. */
export const ratio = (of: ReadonlyArray<number>, to: ReadonlyArray<number>): Spread =>
  spread(of.map((value, run) => value / (to[run] ?? Number.NaN)))
