/**
 * A simulated cluster to look at: so many nodes for so many hours under faults that come one after the other, told line
 * by line, with every invariant checked at every step. What `holdfast simulate` runs.
 */
import { unpacedMax } from "../node/requests/RenewalPace.ts"
import { defaultSettings } from "../raft/RaftState.ts"
import { simulate } from "./core/Simulation.ts"
import { Violation } from "./core/Violation.ts"
import { type Fault, type FaultKind, pickAt } from "./Fault.ts"
import { Rng } from "./Rng.ts"
import { clockSpreadMax, production, type Scenario } from "./Scenario.ts"
import { type Paint, Timeline } from "./Timeline.ts"

export interface ShowOptions {
  readonly seed: number
  readonly nodes: number
  readonly hours: number
}

export interface Shown {
  /** What was checked and counted, for the end of the page. */
  readonly lines: ReadonlyArray<string>
  /** The rule that was broken; null if none was. */
  readonly broken: string | null
}

/** Runs it, and says each line as it happens. */
export const show = (options: ShowOptions, paint: Paint, say: (line: string) => void): Shown => {
  const scenario = scenarioOf(options)
  const timeline = new Timeline(options.nodes, paint, say)
  timeline.head()
  try {
    const tally = simulate(scenario, {
      chronicle: (schedule) => ({
        isKept: true,
        note: (kind, text, node) => timeline.note(schedule.now, kind, text, node)
      })
    })
    timeline.end()
    return { lines: [checkedWords, countedWords(tally)], broken: null }
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    timeline.end()
    timeline.note(error.atMillis, "broken", error.rule, undefined)
    return { lines: [], broken: error.rule }
  }
}

/** Timings as in production, and one trouble after the other, most of which end by themselves after a while. */
const scenarioOf = ({ hours, nodes, seed }: ShowOptions): Scenario => {
  const faultyMillis = Math.round(hours * 3_600_000)
  return {
    seed,
    voters: nodes,
    learners: 0,
    spares: 0,
    settings: { ...defaultSettings, retainedEntries: 200 },
    timings: production,
    faultyMillis,
    changeMillis: 0,
    lossRate: 0.01,
    duplicateRate: 0.01,
    delayMillisMax: 5,
    lateRate: 0.001,
    halfOpenRate: 0.5,
    syncMillisMax: 5,
    startMillisMax: 200,
    restartMillisMax: 5000,
    huntsLeaders: false,
    proposeMillis: 5000,
    readMillis: 1000,
    snapshotMillis: 60_000,
    transferMillisMax: 200,
    transferLossRate: 0.2,
    installCrashRate: 0.1,
    killRate: 0.5,
    unpacedMax,
    clockSpread: clockSpreadMax,
    clients: {
      count: 4,
      locks: 3,
      ttlMillis: 10_000,
      thinkMillisMax: 6000,
      waitMillisMax: 20_000,
      holdMillisMax: 5000,
      patienceMillis: 2000,
      cancelRate: 0.05,
      pauseRate: 0.02,
      vanishRate: 0.01,
      lossRate: 0.01,
      duplicateRate: 0.01
    },
    faults: troubles(new Rng(seed), faultyMillis)
  }
}

const kinds: ReadonlyArray<FaultKind> = [
  "crash",
  "crash",
  "crash-leader",
  "crash-leader",
  "crash-all",
  "partition",
  "partition",
  "isolate-leader",
  "isolate-leader",
  "cut-link",
  "cut-one-way",
  "flap",
  "pause",
  "pause-leader",
  "slow-disk",
  "full-disk",
  "clock-back"
]

const onLinks: ReadonlySet<FaultKind> = new Set(["partition", "isolate-leader", "cut-link", "cut-one-way", "flap"])

/** Some sixty an hour, and more of them at first. */
const troubles = (rng: Rng, untilMillis: number): ReadonlyArray<Fault> => {
  const faults: Array<Fault> = []
  let atMillis = 5000
  while (atMillis < untilMillis) {
    const share = () => rng.between(0, 999) / 1000
    const fault = {
      atMillis,
      kind: pickAt(kinds, rng.next()),
      node: share(),
      other: share(),
      millis: rng.between(500, 8000)
    }
    faults.push(fault)
    const lasts = rng.between(4000, 15_000)
    if (onLinks.has(fault.kind)) faults.push({ ...fault, atMillis: atMillis + lasts, kind: "heal" })
    atMillis += lasts + rng.between(2000, faults.length < 20 ? 10_000 : 90_000)
  }
  return faults
}

const checkedWords = [
  "Checked after every step: election safety, leader append-only, log matching, leader completeness, state machine",
  "safety, durability before every promise, one server at a time, linearizable reads, snapshots, the replicated clock;",
  "with every entry, that the locks do what the specification says; with every grant, that no two clients hold a lock",
  "together by their own clocks. At the end all was mended, everyone was served, and every lease ended."
].join("\n")

const countedWords = (tally: ReturnType<typeof simulate>): string => {
  const { crashes, cuts, elections, grants, losses, pauses, reads, snapshots, stuckDisks, turns } = tally
  const count = (number: number) => number.toLocaleString("en-US")
  return `Counted: ${count(turns)} steps, ${elections} elections, ${crashes} falls, ${cuts} cuts, ${pauses} pauses, ` +
    `${stuckDisks} disks in trouble,\n${count(grants)} grants, ${losses} leases lost, ${count(reads)} reads, ` +
    `${count(snapshots)} snapshots; all was well ${
      (tally.recoveryMillisMax / 1000).toFixed(1)
    } s after the end of the faults.`
}
