/**
 * A run of chaos as its reader wants it: what was asked, what was done to the cluster, what was checked and found.
 */
import type { Verdict } from "../../src/spec/history/Check.ts"
import type { Recorder } from "../load/Recorder.ts"
import { requests } from "../load/Summary.ts"
import type { Finding } from "../load/Verdict.ts"
import { deeds } from "../trouble/Account.ts"
import type { Deed } from "../trouble/Trouble.ts"

export interface Chaos {
  readonly seed: string
  readonly minutes: number
  readonly nodes: number
  /** Why no network was cut; null if networks were. */
  readonly obstacle: string | null
  readonly recorder: Recorder
  readonly deeds: ReadonlyMap<string, Deed>
  /** How long it took to have every lock once more when all trouble was over. */
  readonly lastRoundMillis: number
  readonly verdict: Verdict
  readonly findings: ReadonlyArray<Finding>
}

const findingsShownMax = 10

export const format = (run: Chaos): string =>
  [
    `${run.minutes} minutes, ${run.nodes} nodes${run.obstacle === null ? " with networks of their own" : ""}, ` +
    `seed ${run.seed}`,
    ...(run.obstacle === null ? [] : [`NO NETWORK WAS CUT: ${run.obstacle}`]),
    "",
    ...requests(run.recorder),
    "",
    ...deeds(run.deeds),
    "",
    ...checks(run),
    "",
    ...run.findings.slice(0, findingsShownMax).map(({ message, rule }) => `FOUND ${rule}: ${message}`),
    run.findings.length === 0 ? "Clean: nothing was found" : `BROKEN: ${run.findings.length} findings`
  ].join("\n")

const checks = ({ findings, lastRoundMillis, recorder, verdict }: Chaos): ReadonlyArray<string> => {
  const found = (...rules: ReadonlyArray<string>) => findings.filter(({ rule }) => rules.includes(rule)).length
  const { grants, locks, operations, unknown } = verdict
  const orders = found("no order", "undecided")
  return [
    "Checked:",
    `  an order for ${operations} operations on ${locks} locks, ${unknown} of unknown outcome: ${orders} without one`,
    `  ${grants} tokens, none twice, later ones greater: ${found("repeated token", "falling token")} wrong`,
    `  ${recorder.sessions} sessions, none ended before its time: ${found("lost session")} lost`,
    `  every request answered, as the contract says: ${found("unanswered request", "unexpected answer")} not`,
    `  every node lives until it is ended: ${found("node ended by itself")} died`,
    `  every lock had once more after all trouble, within ${(lastRoundMillis / 1_000).toFixed(1)} s`
  ]
}
