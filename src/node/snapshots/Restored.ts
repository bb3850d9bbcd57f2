/**
 * What a node starts with: the state of its latest snapshot, and the log that goes on from there. A
 * crash may have left the two at odds; what can be completed is, and what cannot stops the node.
 */
import { Effect, Stream } from "effect"
import type { HardState } from "../../raft/Action.ts"
import type { Entry, Position } from "../../raft/Entry.ts"
import type { ClusterId, Membership } from "../../raft/Membership.ts"
import type { Snapshot } from "../../raft/Snapshot.ts"
import { LockStore } from "../LockStore.ts"
import { LogStore, type Recovered } from "../LogStore.ts"
import * as Founding from "../peers/Founding.ts"
import { SnapshotStore, SnapshotStoreError } from "../SnapshotStore.ts"

export interface Restored {
  readonly hardState: HardState
  readonly snapshot: Snapshot | null
  readonly start: Position
  readonly entries: ReadonlyArray<Entry>
}

/** Loads the latest snapshot into the state machine, if there is one, before the node opens its doors. */
export const restore = Effect.gen(function*() {
  const store = yield* SnapshotStore
  const { recovered, write } = yield* LogStore
  const snapshot = store.latest()?.snapshot ?? null
  const { entries, hardState, start } = recovered
  if (start.index > (snapshot?.index ?? 0)) return yield* missing(start)
  if (snapshot === null) return { hardState, snapshot, start, entries } satisfies Restored
  const [ofLog, ofSnapshot] = [membershipIn(entries), snapshot.membership]
  if (ofLog && !Founding.isOfOne(ofLog, ofSnapshot)) return yield* foreign(ofLog.clusterId, ofSnapshot.clusterId)
  yield* load(yield* LockStore, store)
  if (isIn(recovered, snapshot)) return { hardState, snapshot, start, entries } satisfies Restored
  // The node stopped between the two steps of an installation: the second one is done now (figure 13, step 7).
  const reset = { index: snapshot.index, term: snapshot.term, time: snapshot.time }
  const reached = atLeast(hardState, snapshot)
  yield* write({ hardState: reached, reset, entries: [] })
  return { hardState: reached, snapshot, start: reset, entries: [] } satisfies Restored
})

/**
 * No log is of a newer term than its node. A term that was not stored when the node stopped is one in which it has said
 * nothing, so its vote is free (§5.2).
 */
const atLeast = (hardState: HardState, { term }: Snapshot): HardState =>
  hardState.term < term ? { term, votedFor: null } : hardState

/** Whether the log has the last entry that the snapshot covers. */
const isIn = ({ entries, start }: Recovered, { index, term }: Snapshot): boolean =>
  (index === start.index ? start : entries[index - start.index - 1])?.term === term

/** Of whose cluster the log is, if it tells: what is left of it may have no membership. */
const membershipIn = (entries: ReadonlyArray<Entry>): Membership | undefined =>
  entries.flatMap(({ payload }) => payload._tag === "Config" ? [payload.membership] : [])[0]

const load = Effect.fnUntraced(function*(lockStore: LockStore["Service"], store: SnapshotStore["Service"]) {
  const restoring = lockStore.restoring()
  const attempt = (work: () => void) => Effect.try({ try: work, catch: unreadable })
  yield* Stream.runForEach(store.pieces, (piece) => attempt(() => restoring.add(piece)))
  yield* attempt(restoring.install)
})

// Its checksums are right, so it is whole: it is of a release that this one does not know.
const unreadable = (cause: unknown) =>
  new SnapshotStoreError({
    reason: "unsupported-version",
    message: `The snapshot in the data directory cannot be read (${String(cause)}). ` +
      "Start the release that wrote it, or a later one."
  })

const missing = ({ index }: Position) =>
  new SnapshotStoreError({
    reason: "corrupt",
    message:
      `The log in the data directory starts after entry ${index}, and the snapshot of what was before is missing. ` +
      "Restore the directory from a copy that was made after this node last stopped, or start the node with --rejoin."
  })

const foreign = (ofLog: ClusterId, ofSnapshot: ClusterId) =>
  new SnapshotStoreError({
    reason: "corrupt",
    message:
      `The log in the data directory is of cluster ${ofLog}, and the snapshot beside it of cluster ${ofSnapshot}: ` +
      "files of two directories were mixed. Put back those that belong together, or start the node with --rejoin: it " +
      "sets this data aside and comes back as a new member with the data of the others."
  })
