/**
 * The trials as a reader wants them: what was done and measured, the distribution, where the time went, and
 * whether the bound was kept.
 */
import { type Distribution, distribution, formatMillis, histogram } from "../lib/Distribution.ts"
import type { Machine } from "../lib/Machine.ts"
import type { Strike } from "./Strike.ts"
import type { Trial } from "./Trial.ts"

export interface Bound {
  readonly of: "p99" | "max"
  readonly millis: number
  readonly why: string
}

export interface Result {
  readonly strike: Strike["name"]
  readonly says: string
  readonly machine: Machine
  readonly load: { readonly before: number; readonly after: number }
  readonly bound: Bound
  readonly kept: boolean
  readonly first: Distribution
  readonly every: Distribution
  readonly trials: ReadonlyArray<Trial>
}

export const summarize = (options: Omit<Result, "kept" | "first" | "every">): Result => {
  const first = distribution(options.trials.map(({ firstMillis }) => firstMillis))
  return {
    ...options,
    kept: first[options.bound.of] <= options.bound.millis,
    first,
    every: distribution(options.trials.map(({ everyMillis }) => everyMillis))
  }
}

export const format = (result: Result): string => {
  const { bound, first, kept, load, machine, says, trials } = result
  return [
    `${trials.length} times ${says}; three nodes at default settings and their clients on one machine:`,
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}; ` +
    `load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`,
    "",
    "From the strike to the whole answer 200 to a write that was sent after it,",
    line("by the first node that is left", first),
    line("by every node that is left", result.every),
    "",
    ...histogram(trials.map(({ firstMillis }) => firstMillis), bounds(bound)),
    "",
    ...whereTimeWent(trials),
    ...circumstances(trials),
    "",
    `${kept ? "Kept" : "MISSED"}: ${bound.of} ${
      formatMillis(first[bound.of])
    }, at most ${bound.millis} ms (${bound.why})`
  ].join("\n")
}

const line = (what: string, { max, min, p50, p90, p99 }: Distribution): string =>
  `  ${what.padEnd(36)} min ${formatMillis(min)}, p50 ${formatMillis(p50)}, p90 ${formatMillis(p90)}, ` +
  `p99 ${formatMillis(p99)}, max ${formatMillis(max)}`

const bounds = ({ millis }: Bound): ReadonlyArray<number> =>
  Array.from({ length: 12 }, (_, position) => Math.round((position + 1) * millis / 10))

/** A process that is killed frees its memory first and closes its connections then: all before that is the kernel's. */
const whereTimeWent = (trials: ReadonlyArray<Trial>): ReadonlyArray<string> => {
  const rows = [
    ["its connections closed by the kernel", ({ goneMillis }: Trial) => goneMillis],
    ["link to the leader lost", ({ stages }: Trial) => stages.noticed],
    ["first asks whether it could win", ({ stages }: Trial) => stages.asked],
    ["elected", ({ stages }: Trial) => stages.led],
    ["first write acknowledged", ({ firstMillis }: Trial) => firstMillis]
  ] as const
  return [
    "Since the strike, by what the nodes log (whole milliseconds):",
    ...rows.flatMap(([what, of]) => {
      const known = trials.map(of).filter((millis) => millis !== null)
      return known.length === 0 ? [] : [line(what, distribution(known))]
    })
  ]
}

const circumstances = (trials: ReadonlyArray<Trial>): ReadonlyArray<string> => {
  const repeated = trials.filter(({ stages }) => stages.candidacies > 1).length
  const unknown = trials.reduce((sum, { inFlight }) => sum + inFlight.unknown, 0)
  const acknowledged = trials.reduce((sum, { inFlight }) => sum + inFlight.acknowledged, 0)
  const age = distribution(trials.map(({ youngestMillis }) => youngestMillis / 1_000))
  const writes = distribution(trials.map(({ writesPerSecond }) => writesPerSecond))
  const busy = distribution(trials.map(({ busyBefore }) => 100 * busyBefore))
  return [
    `More than one candidacy: ${repeated} of ${trials.length}. Writes in flight at the strike: ${acknowledged} ` +
    `acknowledged after it, ${unknown} not.`,
    `Before a strike: ${writes.p50} writes/s (p50); the younger node left ran for ${age.min.toFixed(1)} s or more ` +
    `(p50 ${age.p50.toFixed(1)} s); processors ${busy.p50.toFixed(0)} % busy with other things (p50; max ` +
    `${busy.max.toFixed(0)} %).`
  ]
}
