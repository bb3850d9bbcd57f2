/**
 * Measured figures for people: columns that line up, medians with the least and the greatest of the runs.
 */
import type { Spread, Summary } from "./Measured.ts"
import type { Verdict } from "./Verdict.ts"

/** Columns as wide as what is in them; the first is to the left. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join("  ")
  return rows.map((row) => line(row).trimEnd()).join("\n")
}

export const head = ["load", "per second", "(min to max)", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs", "errors"]

/** What one load has come to over its runs. */
export const row = (name: string, { cpuMicros, errors, p50Ms, p999Ms, p99Ms, perSecond }: Summary) => [
  name,
  figure(perSecond, 0),
  perSecond === null ? "" : `(${perSecond.min.toFixed(0)} to ${perSecond.max.toFixed(0)})`,
  figure(p50Ms, 2),
  figure(p99Ms, 2),
  figure(p999Ms, 2),
  figure(cpuMicros, 1),
  figure(errors, 0)
]

const figure = (spread: Spread | null, digits: number): string => spread?.median.toFixed(digits) ?? "-"

/** A line for what is aimed at. */
export const verdict = ({ bound, isMet, ratio: { max, median, min }, what }: Verdict): string =>
  `${isMet ? "met   " : "missed"} ${what}: ${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)}), ${bound}`
