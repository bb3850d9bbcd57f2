/**
 * A soak as its reader wants it: what was done, how much was asked, what was found, and what was not exercised.
 */
import type { Recorder } from "../load/Recorder.ts"
import { requests } from "../load/Summary.ts"
import type { Finding } from "../load/Verdict.ts"
import { deeds } from "../trouble/Account.ts"
import type { Deed } from "../trouble/Trouble.ts"
import type { Sample } from "./Gauges.ts"
import { growth, judge, least, type Point } from "./Growth.ts"

export interface Soak {
  readonly seed: string
  readonly minutes: number
  readonly recorder: Recorder
  readonly deeds: ReadonlyMap<string, Deed>
  readonly findings: ReadonlyArray<Finding>
  readonly samples: ReadonlyArray<Sample>
  /** Since when no process had to end, on the clock of the samples. */
  readonly calmAt: number
  readonly overAt: number
}

const findingsShownMax = 20

export const format = (soak: Soak): string =>
  [
    `${soak.minutes} minutes, three nodes and their clients on one machine, seed ${soak.seed}`,
    "",
    ...requests(soak.recorder),
    "",
    ...deeds(soak.deeds),
    "",
    ...gauges(soak),
    "",
    ...soak.findings.slice(0, findingsShownMax).map(({ message, rule }) => `FOUND ${rule}: ${message}`),
    soak.findings.length === 0 ? "Kept: nothing was found" : `BROKEN: ${soak.findings.length} findings`
  ].join("\n")

/** Memory and heap while no process had to end, without the third in which the youngest warm up; disk as well. */
export const rising = (soak: Soak): ReadonlyArray<Finding> =>
  measured(soak).filter(({ verdict }) => verdict === "rises").map(({ what, ...rest }) => ({
    rule: "growth",
    message: sayGrowth({ what, ...rest })
  }))

const measured = ({ calmAt, overAt, samples }: Pick<Soak, "samples" | "calmAt" | "overAt">) => {
  const warmAt = calmAt + (overAt - calmAt) / 3
  return [...Map.groupBy(samples, ({ node }) => node)].flatMap(([node, of]) => {
    const calm = of.filter(({ at }) => at >= warmAt)
    const ofLast = calm.filter(({ pid }) => pid === calm.at(-1)?.pid)
    const known = (of: (sample: Sample) => number | null): ReadonlyArray<Point> =>
      ofLast.flatMap((sample) => {
        const value = of(sample)
        return value === null ? [] : [{ at: sample.at, value }]
      })
    return [
      gauge(`${node} memory`, known(({ memoryMiB }) => memoryMiB), youngSpaceMiB),
      gauge(`${node} heap`, least(known(({ heapMiB }) => heapMiB), stretchMillis)),
      gauge(`${node} disk`, calm.map(({ at, diskMiB }) => ({ at, value: diskMiB })))
    ]
  })
}

/**
 * V8 doubles the space for what is young when it finds too much of it alive, in one step of up to 64 MiB, and a node
 * under little load comes to that after minutes; a step in the middle tilts the line by half as much again. Whether
 * anything stays for good is seen in the heap.
 */
const youngSpaceMiB = 1.5 * 64
const stretchMillis = 15_000

const gauge = (what: string, points: ReadonlyArray<Point>, mayRise?: number) => {
  const of = growth(points)
  return { what, ...of, most: Math.max(0, ...points.map(({ value }) => value)), verdict: judge(of, mayRise) }
}

const sayGrowth = ({ mean, most, perMinute, span, verdict, what }: ReturnType<typeof gauge>): string =>
  `${what.padEnd(12)} mean ${mean.toFixed(1)} MiB, at most ${most.toFixed(1)} MiB, ` +
  `${perMinute.toFixed(2)} MiB a minute over ${(span / 1_000).toFixed(0)} s: ${verdict}`

const gauges = (soak: Soak): ReadonlyArray<string> => [
  "In the last part, in which no process had to end:",
  ...measured(soak).map((one) => `  ${sayGrowth(one)}`)
]
