/**
 * The ratios to the floor that a commit had, and which of those of today are worse by more than what runs differ by.
 */
import { Schema } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import type { Machine } from "../lib/Machine.ts"
import type { Verdict } from "../lib/Verdict.ts"

export const Baseline = Schema.Struct({
  /** Where it was taken, for whoever wonders. */
  machine: Schema.String,
  ratios: Schema.Record(Schema.String, Schema.Number)
})
export type Baseline = typeof Baseline.Type

export const baselineOf = (machine: string, verdicts: ReadonlyArray<Verdict>): Baseline => ({
  machine,
  ratios: Object.fromEntries(verdicts.map(({ ratio, what }) => [what, Number(ratio.median.toFixed(3))]))
})

const file = new URL("baseline.json", import.meta.url)

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Baseline))

export const read = (): Baseline => decode(readFileSync(file, "utf8"))

/** Best of what a quiet machine has measured. */
export const write = ({ cores, cpu, node }: Machine, verdicts: ReadonlyArray<Verdict>): void =>
  writeFileSync(file, `${JSON.stringify(baselineOf(`${cores} cores of ${cpu}, Node ${node}`, verdicts), null, 2)}\n`)

export interface Compared {
  readonly what: string
  readonly before: number | null
  readonly now: number
  readonly isWorse: boolean
}

/** Runs on a machine that does other things as well differ by this much. */
const tolerance = 0.25

/** What has no ratio in the baseline is not worse. */
export const compare = (before: Baseline, verdicts: ReadonlyArray<Verdict>): ReadonlyArray<Compared> =>
  verdicts.map(({ bound, ratio: { median: now }, what }) => {
    const known = before.ratios[what]
    if (known === undefined) return { what, before: null, now, isWorse: false }
    const isWorse = bound.startsWith("at most") ? now > known * (1 + tolerance) : now < known * (1 - tolerance)
    return { what, before: known, now, isWorse }
  })
