/**
 * What a row of measured figures looks like as a whole. A percentile is one of the figures themselves, by
 * the nearest rank: of 100 figures p99 is the second largest, and none is made up between two.
 */

export interface Distribution {
  readonly count: number
  readonly min: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export const distribution = (values: ReadonlyArray<number>): Distribution => {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return {
    count: sorted.length,
    min: rank(0),
    p50: rank(0.5),
    p90: rank(0.9),
    p99: rank(0.99),
    p999: rank(0.999),
    max: rank(1)
  }
}

export const formatMillis = (millis: number): string => `${millis.toFixed(1)} ms`

/** Bars for how many values lie below each bound and not below the one before; the last bar is of the rest. */
export const histogram = (values: ReadonlyArray<number>, bounds: ReadonlyArray<number>): ReadonlyArray<string> => {
  const edges = [0, ...bounds, Infinity]
  const rows = edges.slice(1).map((to, position) => {
    const from = edges[position] ?? 0
    return { label: labelOf(from, to), count: values.filter((value) => value >= from && value < to).length }
  })
  const longest = Math.max(1, ...rows.map(({ count }) => count))
  const last = rows.findLastIndex(({ count }) => count > 0)
  return rows.slice(0, last + 1).map(({ count, label }) =>
    `${label} ${String(count).padStart(4)} ${"#".repeat(Math.ceil(barLengthMax * count / longest))}`.trimEnd()
  )
}

const barLengthMax = 50

const labelOf = (from: number, to: number): string =>
  to === Infinity
    ? `${String(from).padStart(6)} ms or more `
    : `${String(from).padStart(6)} to ${String(to).padStart(5)} ms`
