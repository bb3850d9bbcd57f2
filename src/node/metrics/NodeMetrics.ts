/**
 * What a node counts and measures while it works: plain numbers, which cost next to nothing to keep and nothing to
 * have. Most of them change once a turn, and those of locks once for each grant and each end.
 *
 * What a node applies again when it starts was counted before, and is not counted twice.
 */
import type { EndReason, LockEvent } from "../../lock/LockEvent.ts"
import type { Settled } from "../../lock/LockReply.ts"
import { isLeading, leaderOf, type RaftState } from "../../raft/RaftState.ts"
import { Histogram } from "./Histogram.ts"

const secondsOfWork = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const secondsOfLocks = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400]

export class NodeMetrics {
  turns = 0
  entriesApplied = 0
  electionsStarted = 0
  electionsWon = 0
  leaderChanges = 0
  clockDroppedMicros = 0
  snapshotsTaken = 0
  snapshotsFailed = 0
  snapshotsInstalled = 0
  sessionsOpened = 0
  sessionsRenewed = 0
  grants = 0
  /** A release by whoever does not hold, or a check of a token that is no present holder's. */
  fencingRejections = 0
  readonly endedHolds = new Map<EndReason, number>()
  readonly endedWaits = new Map<EndReason, number>()
  readonly turnSeconds = new Histogram(secondsOfWork)
  readonly appendSeconds = new Histogram(secondsOfWork)
  readonly commitSeconds = new Histogram(secondsOfWork)
  readonly waitSeconds = new Histogram(secondsOfLocks)
  readonly holdSeconds = new Histogram(secondsOfLocks)
  /** When this leader proposed what it has not applied yet, by index. */
  readonly #proposed = new Map<number, number>()
  /** Up to here all was applied before this start. */
  readonly #countedTo: number
  #leadership = ""

  constructor(lastIndex: number) {
    this.#countedTo = lastIndex
  }

  proposed(index: number, atMillis: number): void {
    this.#proposed.set(index, atMillis)
  }

  applied(index: number, now: () => number, settled: ReadonlyArray<Settled>, events: ReadonlyArray<LockEvent>): void {
    const proposedAt = this.#proposed.get(index)
    if (proposedAt !== undefined) {
      this.#proposed.delete(index)
      this.commitSeconds.observe((now() - proposedAt) / 1000)
    }
    if (index <= this.#countedTo) return
    this.entriesApplied++
    for (const { reply } of settled) this.#count(reply._tag)
    for (const event of events) this.#countEvent(event)
  }

  /** What a turn has made of the node. */
  turned(before: RaftState, after: RaftState): void {
    this.turns++
    const isElection = after.term > before.term && (after.role._tag === "Candidate" || isLeading(after))
    if (isElection) this.electionsStarted++
    if (isLeading(after) && (!isLeading(before) || before.term !== after.term)) this.electionsWon++
    if (!isLeading(after)) this.#proposed.clear()
    const leader = leaderOf(after)
    if (leader === null || `${after.term} ${leader}` === this.#leadership) return
    this.#leadership = `${after.term} ${leader}`
    this.leaderChanges++
  }

  #count(tag: Settled["reply"]["_tag"]): void {
    if (tag === "SessionRenewed") this.sessionsRenewed++
    else if (tag === "SessionOpened") this.sessionsOpened++
    else if (tag === "NotHolder") this.fencingRejections++
  }

  #countEvent({ kind, millis, reason }: LockEvent): void {
    if (kind === "granted") {
      this.grants++
      this.waitSeconds.observe(millis / 1000)
    } else if (kind === "left") add(this.endedWaits, reason!)
    else if (kind !== "queued") {
      this.holdSeconds.observe(millis / 1000)
      add(this.endedHolds, reason!)
    }
  }
}

const add = (counts: Map<EndReason, number>, reason: EndReason): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}
