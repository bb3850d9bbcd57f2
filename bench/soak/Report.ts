/**
 * A soak as its reader wants it: what was done, how much was asked, what was found, and what was not exercised.
 */
import { distribution, formatMillis } from "../lib/Distribution.ts"
import type { Violation } from "./Checker.ts"
import type { Sample } from "./Gauges.ts"
import { growth, judge } from "./Growth.ts"
import type { Answer, History, Kind } from "./History.ts"
import type { Deed } from "./Trouble.ts"

export interface Soak {
  readonly seed: string
  readonly minutes: number
  readonly history: History
  readonly deeds: ReadonlyMap<string, Deed>
  readonly violations: ReadonlyArray<Violation>
  readonly samples: ReadonlyArray<Sample>
  /** Since when no process had to end, on the clock of the samples. */
  readonly calmAt: number
  readonly overAt: number
}

const violationsShownMax = 20

export const format = (soak: Soak): string =>
  [
    `${soak.minutes} minutes, three nodes and their clients on one machine, seed ${soak.seed}`,
    "",
    ...requests(soak.history),
    "",
    ...deeds(soak.deeds),
    "",
    ...gauges(soak),
    "",
    ...soak.violations.slice(0, violationsShownMax).map(({ message, rule }) => `VIOLATION ${rule}: ${message}`),
    ...counts(soak.violations)
  ].join("\n")

const requests = (history: History): ReadonlyArray<string> => {
  const kinds: ReadonlyArray<Kind> = ["open", "renew", "acquire", "release", "check"]
  return [
    `${history.length} requests by ${new Set(history.map(({ client }) => client)).size} clients:`,
    ...kinds.map((kind) => `  ${kind.padEnd(8)} ${byAnswer(history.filter((op) => op.kind === kind))}`)
  ]
}

const byAnswer = (ops: History): string => {
  const answers = [...Map.groupBy(ops, ({ answer }) => answer)]
    .map(([answer, of]: [Answer, History]) => `${of.length} ${answer}`)
  const again = ops.filter(({ attempts }) => attempts > 1).length
  const { max, p50, p99 } = distribution(ops.map(({ answeredAt, sentAt }) => answeredAt - sentAt))
  const times = `p50 ${formatMillis(p50)}, p99 ${formatMillis(p99)}, max ${formatMillis(max)}`
  return ops.length === 0 ? "none" : `${answers.join(", ")}; ${again} sent more than once; ${times}`
}

const deeds = (all: ReadonlyMap<string, Deed>): ReadonlyArray<string> => [
  "Done to the cluster meanwhile:",
  ...[...all].map(([name, { done, refused }]) =>
    `  ${String(done).padStart(4)} ${name}${refused > 0 ? `, and ${refused} refused` : ""}`
  ),
  ...[...all].filter(([, { done }]) => done === 0).map(([name, { lastRefusal }]) =>
    `  NOT EXERCISED: ${name} (${lastRefusal === null ? "never drawn: the run was too short" : lastRefusal})`
  )
]

/** Memory while no process had to end, without the third in which the youngest warm up; disk over the whole run. */
export const rising = (soak: Soak): ReadonlyArray<Violation> =>
  measured(soak).filter(({ verdict }) => verdict === "rises").map(({ what, ...rest }) => ({
    rule: "growth",
    message: sayGrowth({ what, ...rest })
  }))

const measured = ({ calmAt, overAt, samples }: Pick<Soak, "samples" | "calmAt" | "overAt">) => {
  const warmAt = calmAt + (overAt - calmAt) / 3
  return [...Map.groupBy(samples, ({ node }) => node)].flatMap(([node, of]) => {
    const calm = of.filter(({ at }) => at >= warmAt)
    const ofLast = calm.filter(({ pid }) => pid === calm.at(-1)?.pid)
    return [
      gauge(
        `${node} memory`,
        ofLast.flatMap(({ at, memoryMiB }) => memoryMiB === null ? [] : [{ at, value: memoryMiB }])
      ),
      gauge(`${node} disk`, calm.map(({ at, diskMiB }) => ({ at, value: diskMiB })))
    ]
  })
}

const gauge = (what: string, points: Parameters<typeof growth>[0]) => {
  const of = growth(points)
  return { what, ...of, most: Math.max(0, ...points.map(({ value }) => value)), verdict: judge(of) }
}

const sayGrowth = ({ mean, most, perMinute, span, verdict, what }: ReturnType<typeof gauge>): string =>
  `${what.padEnd(12)} mean ${mean.toFixed(1)} MiB, at most ${most.toFixed(1)} MiB, ` +
  `${perMinute.toFixed(2)} MiB a minute over ${(span / 1_000).toFixed(0)} s: ${verdict}`

const gauges = (soak: Soak): ReadonlyArray<string> => [
  "In the last part, in which no process had to end:",
  ...measured(soak).map((one) => `  ${sayGrowth(one)}`)
]

/** In the words of the promise: nothing acknowledged lost, nobody granted twice. */
const counts = (all: ReadonlyArray<Violation>): ReadonlyArray<string> => {
  const of = (...rules: ReadonlyArray<string>) => all.filter(({ rule }) => rules.includes(rule)).length
  const lost = of("lost grant", "lost release", "lost session")
  const double = of("double grant", "repeated token", "falling token")
  return [
    `${all.length === 0 ? "Kept" : "BROKEN"}: ${lost} lost acknowledged operations, ${double} double grants, ` +
    `${all.length - lost - double} other violations`
  ]
}
