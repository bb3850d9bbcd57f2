/**
 * What one run is like. The seed draws everything: size, network, disks, faults and load, each kind of
 * fault absent in some runs, so that none can hide another ("swarm testing").
 */
import { defaultSettings, type Settings } from "../../../src/raft/RaftState.ts"
import { Rng } from "./Rng.ts"

export interface Options {
  readonly seed: number
  readonly voters: number
  readonly learners: number
  readonly settings: Settings
  /** Nodes that are told no members. */
  readonly spares: number
  /** How often somebody changes the membership or hands leadership over; 0 is never. */
  readonly changeMillis: number
  /** Network. */
  readonly lossRate: number
  readonly duplicateRate: number
  readonly delayMillisMax: number
  /** How often something is very late. */
  readonly lateRate: number
  /** A cut that nobody is told of: the connection stands, and what is sent over it is lost. */
  readonly halfOpenRate: number
  /** Disks: how long a sync takes at most, until everything is mended. */
  readonly syncMillisMax: number
  /** How long after the start the last node starts. */
  readonly startMillisMax: number
  /** Faults come this often, and are drawn from these. */
  readonly faultMillisMax: number
  readonly faults: ReadonlyArray<FaultKind>
  /** How long a node is down at most. */
  readonly restartMillisMax: number
  /** Whether a new leader is often struck just as it begins. */
  readonly huntsLeaders: boolean
  /** How long faults go on; then everything is mended and the cluster must recover. */
  readonly faultyMillis: number
  /** Load. */
  readonly proposeMillis: number
  readonly readMillis: number
  /** How often each node takes a snapshot; 0 is never. */
  readonly snapshotMillis: number
  /** How long a snapshot is on its way at most, and how often it does not get there. */
  readonly transferMillisMax: number
  readonly transferLossRate: number
  /** How often a node is struck just as it installs a snapshot. */
  readonly installCrashRate: number
  /** How far apart the nodes' clocks run: 0.3 is from 0.7 to 1.3 of real time. */
  readonly clockSpread: number
}

export type FaultKind =
  | "crash"
  | "crash-leader"
  | "partition"
  | "isolate-leader"
  | "cut-link"
  | "cut-one-way"
  | "heal"
  | "pause"
  | "wipe"

const kinds: ReadonlyArray<FaultKind> = [
  "crash",
  "crash-leader",
  "partition",
  "isolate-leader",
  "cut-link",
  "cut-one-way",
  "pause",
  "wipe"
]

/** Leaders that fall one after the other make logs that differ most. */
const onlyLeaders: ReadonlyArray<FaultKind> = ["crash-leader", "isolate-leader", "isolate-leader", "heal", "heal"]

/** The timings of a node, in its own milliseconds. */
export const timings = {
  electionMillisMin: 120,
  electionMillisMax: 240,
  lostLeaderMillisMin: 5,
  lostLeaderMillisMax: 40,
  heartbeatMillis: 50
} as const

export const draw = (seed: number): Options => {
  const rng = new Rng(seed)
  const sometimes = (rate: number, value: () => number) => rng.chance(rate) ? value() : 0
  // Drawn by generators of their own, so that what a seed draws beside is what it always was.
  const snapshots = new Rng(~seed)
  const changes = new Rng(~seed + 1_000_000)
  const voters = rng.pick([1, 3, 3, 3, 3, 5, 5, 5])
  return {
    seed,
    voters,
    learners: voters === 1 || rng.chance(0.15) ? 1 : 0,
    settings: {
      ...rng.pick([oneByOne, few, many]),
      retainedEntries: snapshots.pick([0, 0, 2, 10]),
      retainedBytes: snapshots.pick([0, 700, 100_000])
    },
    spares: changes.pick([0, 1, 2]),
    changeMillis: changes.pick([0, 0, 60, 150, 400]),
    lossRate: sometimes(0.6, () => rng.next() * 0.3),
    duplicateRate: sometimes(0.6, () => rng.next() * 0.3),
    delayMillisMax: rng.pick([2, 20, 80]),
    lateRate: sometimes(0.6, () => rng.next() * 0.1),
    halfOpenRate: rng.pick([0, 0.5, 1]),
    syncMillisMax: rng.pick([0, 5, 40]),
    startMillisMax: rng.pick([0, 50, 800]),
    faultMillisMax: rng.pick([60, 150, 400]),
    faults: rng.chance(0.3) ? onlyLeaders : [...kinds.filter(() => rng.chance(0.6)), "crash", "heal", "heal"],
    restartMillisMax: rng.pick([10, 80, 400]),
    huntsLeaders: rng.chance(0.5),
    faultyMillis: 3000,
    proposeMillis: rng.pick([15, 40, 120]),
    readMillis: rng.pick([40, 150]),
    snapshotMillis: snapshots.pick([0, 40, 100, 300]),
    transferMillisMax: snapshots.pick([5, 60, 300]),
    installCrashRate: snapshots.pick([0, 0.4]),
    transferLossRate: snapshots.chance(0.6) ? snapshots.next() * 0.5 : 0,
    clockSpread: rng.pick([0, 0.3])
  }
}

const oneByOne: Settings = {
  ...defaultSettings,
  entriesBytesMax: 1,
  inflightMax: 1,
  inflightBytesMax: 1,
  uncommittedBytesMax: 1_000
}
const few: Settings = {
  ...defaultSettings,
  entriesBytesMax: 200,
  inflightMax: 3,
  inflightBytesMax: 500,
  uncommittedBytesMax: 10_000
}
const many: Settings = {
  ...defaultSettings,
  entriesBytesMax: 100_000,
  inflightMax: 64,
  inflightBytesMax: 1_000_000,
  uncommittedBytesMax: 1_000_000
}
