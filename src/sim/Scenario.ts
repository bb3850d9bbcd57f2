/**
 * What one run is like, as plain data: size, network, disks, clocks, clients, and the faults with their times. The seed
 * draws everything, each kind of fault absent in some runs, so that none can hide another ("swarm testing").
 */
import { unpacedMax } from "../node/requests/RenewalPace.ts"
import { defaultSettings, type Settings } from "../raft/RaftState.ts"
import { drawFaults, type Fault, type FaultKind, faultKinds } from "./Fault.ts"
import { Rng } from "./Rng.ts"

export interface Scenario {
  readonly seed: number
  readonly voters: number
  readonly learners: number
  readonly settings: Settings
  readonly timings: Timings
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
  readonly faults: ReadonlyArray<Fault>
  /** How long a node is down at most. */
  readonly restartMillisMax: number
  /** Whether a new leader is often struck just as it begins. */
  readonly huntsLeaders: boolean
  /** How long faults go on; then everything is mended and the cluster must recover. */
  readonly faultyMillis: number
  /** Load beside the clients: empty entries and reads, given to everyone who believes to lead. */
  readonly proposeMillis: number
  readonly readMillis: number
  readonly clients: Clients
  /** How often each node takes a snapshot; 0 is never. */
  readonly snapshotMillis: number
  /** How long a snapshot is on its way at most, and how often it does not get there. */
  readonly transferMillisMax: number
  readonly transferLossRate: number
  /** How often a node is struck just as it installs a snapshot. */
  readonly installCrashRate: number
  /** How often it is the process alone that falls: what it had not synced is still shown to the next one. */
  readonly killRate: number
  /** How many renewals a node lets pass before it holds them to its pace. */
  readonly unpacedMax: number
  /** How far apart the clocks run: 0.3 is from 0.7 to 1.3 of real time, 1 from half of it to twice. */
  readonly clockSpread: number
}

/** In the milliseconds of the node's own clock. */
export interface Timings {
  readonly electionMillisMin: number
  readonly electionMillisMax: number
  readonly lostLeaderMillisMin: number
  readonly lostLeaderMillisMax: number
  readonly heartbeatMillis: number
  readonly clockTickMillis: number
}

/** Who asks for locks. Each waits, holds, gives back, and now and then retries, hangs up, stands still or vanishes. */
export interface Clients {
  readonly count: number
  readonly locks: number
  readonly ttlMillis: number
  /** How long they do nothing, wait for a lock, and hold one, at most. */
  readonly thinkMillisMax: number
  readonly waitMillisMax: number
  readonly holdMillisMax: number
  /** How long they wait for an answer before they ask again. */
  readonly patienceMillis: number
  /** How often a visit ends with a hang-up, a pause, or the end of the client. */
  readonly cancelRate: number
  readonly pauseRate: number
  readonly vanishRate: number
  /** On the way to a node and back. */
  readonly lossRate: number
  readonly duplicateRate: number
}

/** What a run may have or not. Healing is in every run, and so does not count here. */
const kinds: ReadonlyArray<FaultKind> = faultKinds.filter((kind) => kind !== "heal")

/** Leaders that fall one after the other make logs that differ most. */
const onlyLeaders: ReadonlyArray<FaultKind> = ["crash-leader", "isolate-leader", "isolate-leader", "heal", "heal"]

/** Short, so that much happens in little time, and as in production. */
const fast: Timings = {
  electionMillisMin: 120,
  electionMillisMax: 240,
  lostLeaderMillisMin: 5,
  lostLeaderMillisMax: 40,
  heartbeatMillis: 50,
  clockTickMillis: 100
}
export const production: Timings = {
  electionMillisMin: 300,
  electionMillisMax: 600,
  lostLeaderMillisMin: 5,
  lostLeaderMillisMax: 40,
  heartbeatMillis: 60,
  clockTickMillis: 250
}

/**
 * The promises on time hold as long as no clock is further from real time than this: a client gives a lock up at 90 %
 * of its TTL by its own clock, and 0.9 / 0.95 is less than 1 / 1.05.
 */
export const clockSpreadMax = 0.05

/** How fast the slowest clock runs. */
export const slowestRate = ({ clockSpread }: Pick<Scenario, "clockSpread">): number => Math.max(0.5, 1 - clockSpread)

/** How fast some clock runs. */
export const drawRate = (scenario: Pick<Scenario, "clockSpread">, rng: Rng): number => {
  const slowest = slowestRate(scenario)
  return slowest + (1 + scenario.clockSpread - slowest) * rng.next()
}

/** Whether the promises on time are to be kept. */
export const isPunctual = ({ clockSpread }: Pick<Scenario, "clockSpread">): boolean => clockSpread <= clockSpreadMax

export const draw = (seed: number): Scenario => {
  const rng = new Rng(seed)
  // Parts are drawn by generators of their own, so that one more draw in one does not change the others.
  const timings = rng.chance(0.6) ? fast : production
  const faultyMillis = timings === fast ? 3_000 : 8_000
  return {
    seed,
    timings,
    faultyMillis,
    ...drawSize(rng.fork()),
    ...drawNetwork(rng.fork()),
    ...drawDisks(rng.fork(), timings === fast ? 1 : 4),
    ...drawLoad(rng.fork(), timings === fast ? 1 : 4),
    clients: drawClients(rng.fork(), timings === fast ? 1 : 3),
    ...drawTrouble(rng.fork(), timings === fast ? 1 : 4, faultyMillis),
    ...drawProcesses(rng.fork())
  }
}

const sometimes = (rng: Rng, rate: number, value: () => number): number => rng.chance(rate) ? value() : 0

const drawSize = (rng: Rng) => {
  const voters = rng.pick([1, 3, 3, 3, 3, 5, 5, 5, 7])
  return {
    voters,
    learners: voters === 1 || rng.chance(0.15) ? 1 : 0,
    spares: rng.pick([0, 1, 2]),
    settings: {
      ...batchesFor(voters, rng.pick([oneByOne, few, many])),
      retainedEntries: rng.pick([0, 0, 2, 10]),
      retainedBytes: rng.pick([0, 700, 100_000])
    }
  }
}

/**
 * A voter that is alone waits for nobody: at one entry for each way to a learner and back it would outrun its learners
 * for as long as it is asked.
 */
const batchesFor = (voters: number, settings: Settings): Settings =>
  voters === 1 && settings === oneByOne ? few : settings

const drawNetwork = (rng: Rng) => ({
  lossRate: sometimes(rng, 0.6, () => rng.next() * 0.3),
  duplicateRate: sometimes(rng, 0.6, () => rng.next() * 0.3),
  delayMillisMax: rng.pick([2, 20, 80]),
  lateRate: sometimes(rng, 0.6, () => rng.next() * 0.1),
  halfOpenRate: rng.pick([0, 0.5, 1]),
  transferMillisMax: rng.pick([5, 60, 300]),
  transferLossRate: sometimes(rng, 0.6, () => rng.next() * 0.5)
})

const drawDisks = (rng: Rng, scale: number) => ({
  syncMillisMax: rng.pick([0, 5, 40]),
  snapshotMillis: rng.pick([0, 60, 200, 1000]) * scale,
  installCrashRate: rng.pick([0, 0.4])
})

const drawLoad = (rng: Rng, scale: number) => ({
  proposeMillis: rng.pick([20, 60, 150]) * scale,
  readMillis: rng.pick([40, 150]) * scale,
  changeMillis: rng.pick([0, 0, 60, 150, 400]) * scale
})

const drawClients = (rng: Rng, scale: number): Clients => ({
  count: rng.pick([0, 2, 3, 6]),
  locks: rng.pick([1, 2, 4]),
  ttlMillis: rng.pick([400, 900]) * scale,
  thinkMillisMax: rng.pick([20, 200]) * scale,
  waitMillisMax: rng.pick([0, 300, 2000]) * scale,
  holdMillisMax: rng.pick([20, 150, 600]) * scale,
  patienceMillis: rng.pick([60, 250]) * scale,
  cancelRate: sometimes(rng, 0.5, () => 0.2),
  pauseRate: sometimes(rng, 0.5, () => 0.1),
  vanishRate: sometimes(rng, 0.5, () => 0.05),
  lossRate: sometimes(rng, 0.5, () => rng.next() * 0.3),
  duplicateRate: sometimes(rng, 0.6, () => rng.next() * 0.4)
})

const drawTrouble = (rng: Rng, scale: number, untilMillis: number) => {
  const gapMillisMax = rng.pick([60, 150, 400]) * scale
  const some = rng.chance(0.3)
    ? onlyLeaders
    : [...kinds.filter(() => rng.chance(0.5)), "crash", "heal", "heal"] as const
  return {
    startMillisMax: rng.pick([0, 50, 800]),
    restartMillisMax: rng.pick([10, 80, 400]),
    huntsLeaders: rng.chance(0.5),
    clockSpread: rng.pick([0, 0, clockSpreadMax, clockSpreadMax, 0.3, 1]),
    faults: drawFaults(rng.fork(), { kinds: some, gapMillisMax, untilMillis })
  }
}

const drawProcesses = (rng: Rng) => ({
  killRate: rng.pick([0, 0.5, 0.9]),
  unpacedMax: rng.pick([1, unpacedMax])
})

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
