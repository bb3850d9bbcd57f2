/**
 * When a node takes a snapshot of what it has applied, and how: the moment is fixed in the turn, the
 * bytes are written beside it, a short piece at a time. Each node decides by itself (§7).
 */
import { Effect, Queue, Stream } from "effect"
import type { SnapshotReader } from "../../lock/LockTable.ts"
import { snapshotAt } from "../../raft/Compaction.ts"
import { Event } from "../../raft/Event.ts"
import type { Snapshot } from "../../raft/Snapshot.ts"
import { SnapshotRefused } from "../NodeErrors.ts"
import { NodeEvent } from "../NodeEvent.ts"
import { runBeside, type Shell } from "../Shell.ts"
import type { SnapshotStoreError, StoredSnapshot } from "../SnapshotStore.ts"
import type { Settle } from "./SnapshotWork.ts"
import * as Verifying from "./Verifying.ts"

/** Takes one if the log has grown enough since the latest. */
export const takeIfDue = (shell: Shell): Effect.Effect<void> => isDue(shell) ? begin(shell, []) : Effect.void

/**
 * Takes one now for whoever asks. Those who ask while one is taken share it if nothing was applied since it began, and
 * wait for the next one otherwise: a snapshot has all that was acknowledged before it was asked for.
 */
export const takeFor = (shell: Shell, settle: Settle): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { later, taking } = shell.snapshots
    if (taking !== null) {
      const waiting = taking.index === shell.lastApplied ? taking.askers : later
      waiting.push(settle)
      return Effect.void
    }
    const latest = shell.snapshotStore.latest()
    if (latest?.snapshot.index === shell.lastApplied) return Verifying.verified(shell, latest, settle)
    if (shell.lastApplied === 0) return Effect.sync(() => settle(nothingYet))
    return begin(shell, [settle])
  })

const nothingYet = new SnapshotRefused({
  message:
    "this node has nothing to take a snapshot of yet: it has not joined its cluster, or the cluster has no leader"
})

const isDue = ({ config, lastApplied, now, snapshotStore, snapshots, state }: Shell): boolean => {
  if (snapshots.taking !== null || now() < snapshots.notBeforeMillis) return false
  const latest = snapshotStore.latest()
  // A damaged one was set aside, and the one that was to take its place could not be written.
  if (latest === null && state.snapshot !== null) return true
  const { bytesMin, entries } = config.snapshots
  // A larger state is written less often: what is written stays in proportion to what was appended.
  const isMuch = snapshots.bytesSince >= Math.max(bytesMin, latest?.bytes ?? 0) ||
    lastApplied - (latest?.snapshot.index ?? 0) >= entries
  // A follower that is being sent the latest one should get it before there is a later one.
  const patience = snapshots.offers.size === 0 ? 1 : patienceForOffers
  return isMuch && lastApplied - (latest?.snapshot.index ?? 0) >= Math.min(entries, entriesMin) * patience
}

/** However long entries are, fewer are not worth a file. */
const entriesMin = 16
const patienceForOffers = 4

const begin = (shell: Shell, askers: Array<Settle>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const work = shell.snapshots
    work.taking = { index: shell.lastApplied, askers, bytesSince: work.bytesSince }
    work.bytesSince = 0
    return runBeside(
      shell,
      "snapshot",
      take(shell, snapshotAt(shell.state, shell.lastApplied), shell.lockStore.snapshot())
    )
  })

const take = (shell: Shell, snapshot: Snapshot, reader: SnapshotReader): Effect.Effect<void> =>
  shell.snapshotStore.write(snapshot, piecesOf(reader)).pipe(
    Effect.ensuring(Effect.sync(() => reader.end())),
    Effect.flatMap((stored) => taken(shell, stored)),
    Effect.catch((error) => failed(shell, error))
  )

/** Each piece is short work, and the node takes its turns in between. */
const piecesOf = (reader: SnapshotReader): Stream.Stream<Uint8Array> =>
  Stream.unfold(reader, (reader) =>
    Effect.map(Effect.yieldNow, () => {
      const piece = reader.next()
      return piece === null ? undefined : [piece, reader] as const
    }))

const taken = Effect.fnUntraced(function*(shell: Shell, stored: StoredSnapshot) {
  shell.metrics.snapshotsTaken++
  const facts = { index: stored.snapshot.index, bytes: stored.bytes }
  yield* Effect.annotateLogs(Effect.logInfo("took a snapshot"), facts)
  yield* Queue.offer(shell.inbox, NodeEvent.Timed({ event: Event.SnapshotTaken({ snapshot: stored.snapshot }) }))
  yield* settleAll(shell, stored)
})

/** The node goes on with its whole log, and tries again later. */
const failed = Effect.fnUntraced(function*(shell: Shell, error: SnapshotStoreError) {
  shell.snapshots.notBeforeMillis = shell.now() + retryMillis
  shell.snapshots.bytesSince += shell.snapshots.taking?.bytesSince ?? 0
  shell.metrics.snapshotsFailed++
  yield* Effect.annotateLogs(Effect.logError("could not write a snapshot; the log is kept"), { reason: error.message })
  yield* settleAll(shell, error)
})

const retryMillis = 30_000

/** Tells those who wait for this one; the others ask again, in a turn. */
const settleAll = Effect.fnUntraced(function*(
  { inbox, snapshots }: Shell,
  outcome: StoredSnapshot | SnapshotStoreError
) {
  const { later, taking } = snapshots
  snapshots.taking = null
  snapshots.later = []
  for (const settle of taking?.askers ?? []) settle(outcome)
  for (const settle of later) yield* Queue.offer(inbox, NodeEvent.SnapshotAsked({ settle }))
})
