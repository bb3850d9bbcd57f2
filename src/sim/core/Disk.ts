/**
 * What of a node survives a crash, and what a crash in the middle of a write leaves of that write. A snapshot
 * is a file of its own: it may be there before the log knows of it.
 */
import type { Action, HardState } from "../../raft/Action.ts"
import { type Entry, LogIndex, Term } from "../../raft/Entry.ts"
import type { StoreId } from "../../raft/Membership.ts"
import * as RaftLog from "../../raft/RaftLog.ts"
import type { Snapshot } from "../../raft/Snapshot.ts"
import type { Image } from "./Machine.ts"

/** A snapshot with its bytes. */
export interface Stored {
  readonly snapshot: Snapshot
  readonly image: Image
}

export interface Disk {
  readonly storeId: StoreId
  readonly hardState: HardState
  readonly log: RaftLog.RaftLog
  readonly stored: Stored | null
}

export const emptyDisk = (storeId: StoreId): Disk => ({
  storeId,
  hardState: { term: Term.make(0), votedFor: null },
  log: RaftLog.empty(),
  stored: null
})

const nothing: ReadonlyArray<Disk> = []

/**
 * The disk as these actions are written: first with the snapshot that is installed, then with term, vote and log,
 * which are one transaction. A crash leaves one of them. Empty if there is nothing to write.
 */
export const stages = (
  disk: Disk,
  actions: ReadonlyArray<Action>,
  received: WeakMap<Snapshot, Image>
): ReadonlyArray<Disk> => {
  // Most turns write nothing.
  if (!actions.some(({ _tag }) => written.has(_tag))) return nothing
  const writes = actions.filter(({ _tag }) => written.has(_tag))
  const all = writes.reduce((before, action) => after(before, action, received), disk)
  return all.stored === disk.stored ? [all] : [{ ...disk, stored: all.stored }, all]
}

const written = new Set<Action["_tag"]>(["PersistHardState", "PersistEntries", "InstallSnapshot", "CompactLog"])

const after = (disk: Disk, action: Action, received: WeakMap<Snapshot, Image>): Disk => {
  switch (action._tag) {
    case "PersistHardState":
      return { ...disk, hardState: action.hardState }
    case "PersistEntries": {
      const kept = RaftLog.truncateAfter(disk.log, LogIndex.make(action.entries[0]!.index - 1))
      return { ...disk, log: RaftLog.append(kept, action.entries) }
    }
    case "InstallSnapshot": {
      const { keepsLog, snapshot } = action
      const stored = { snapshot, image: received.get(snapshot)! }
      return { ...disk, stored, log: keepsLog ? disk.log : startingAfter(snapshot) }
    }
    case "CompactLog":
      return { ...disk, log: RaftLog.compact(disk.log, action.to) }
    default:
      return disk
  }
}

/** As itself, or in a snapshot of what is committed. */
export const isOnDisk = ({ log, stored }: Disk, entry: Entry): boolean =>
  entry.index <= (stored?.snapshot.index ?? 0) || RaftLog.entryAt(log, entry.index) === entry

/** What a node makes of its disk: a log that a snapshot has outrun starts after the snapshot, in its term at least. */
export const recovered = (disk: Disk): Disk => {
  const { hardState, log, stored } = disk
  if (stored === null || RaftLog.termAt(log, stored.snapshot.index) === stored.snapshot.term) return disk
  const { term } = stored.snapshot
  return {
    ...disk,
    hardState: hardState.term < term ? { term, votedFor: null } : hardState,
    log: startingAfter(stored.snapshot)
  }
}

const startingAfter = ({ index, term, time }: Snapshot): RaftLog.RaftLog => RaftLog.empty({ index, term, time })
