/**
 * How many times as fast Holdfast is as another system, round by round.
 */
import { ratio, type Spread, spread } from "../lib/Measured.ts"
import { own, type Row } from "./Peers.ts"

/** Null for Holdfast itself. */
export const ratioTo = (row: Row, rows: ReadonlyArray<Row>): Spread | null => {
  const ours = rows.find(({ load, system }) => load === row.load && system === own)
  return ours === undefined || ours === row ? null : ratio(rates(ours), rates(row))
}

const rates = ({ runs }: Row) => runs.map(({ perSecond }) => perSecond)

export const head = [
  "load",
  "cycles/s",
  "(min to max)",
  "p50 ms",
  "p99 ms",
  "CPU µs",
  "Holdfast is so many times as fast"
]

export const cellsOf = (row: Row, rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const { max, median, min } = spread(rates(row))
  const medianOf = (figure: "p50Ms" | "p99Ms") => spread(row.runs.map((run) => run[figure])).median.toFixed(2)
  const cpu = row.runs.map(({ cpuMicros }) => cpuMicros).filter((micros) => micros !== null)
  const times = ratioTo(row, rows)
  return [
    `${row.load}: ${row.system}`,
    median.toFixed(0),
    `(${min.toFixed(0)} to ${max.toFixed(0)})`,
    medianOf("p50Ms"),
    medianOf("p99Ms"),
    cpu.length === 0 ? "-" : spread(cpu).median.toFixed(0),
    times === null ? "" : `${times.median.toFixed(1)} (${times.min.toFixed(1)} to ${times.max.toFixed(1)})`
  ]
}
