/**
 * Everything the core can ask of the shell, as imperatives, in the order they must be done.
 *
 * `Send` may leave at once. `SendAfterSync` promises durability: it leaves only when every `Persist`
 * and `InstallSnapshot` before it is on disk (figure 2: "respond to RPCs after updating on stable storage").
 */
import { Data } from "effect"
import type { Entry, LogIndex, Term } from "./Entry.ts"
import type { NodeId } from "./Membership.ts"
import type { RaftMessage } from "./RaftMessage.ts"
import type { Snapshot } from "./Snapshot.ts"

/** What must survive a crash besides the log (figure 2, "persistent state"). */
export interface HardState {
  readonly term: Term
  readonly votedFor: NodeId | null
}

export type Action = Data.TaggedEnum<{
  PersistHardState: { readonly hardState: HardState }
  /** Drop what is stored from the first entry's index on, then store these. Never empty. */
  PersistEntries: { readonly entries: ReadonlyArray<Entry> }
  Send: { readonly to: NodeId; readonly message: RaftMessage }
  SendAfterSync: { readonly to: NodeId; readonly message: RaftMessage }
  /** Send the bytes of the snapshot and this message with them. `SnapshotFailed` tells if that comes to nothing. */
  SendSnapshot: { readonly to: NodeId; readonly message: Extract<RaftMessage, { _tag: "InstallSnapshot" }> }
  /**
   * Make the snapshot that has been received this node's own, durably, and swap its state in. Without `keepsLog` the
   * whole log goes, and starts after the snapshot. A crash between the two is mended at the next start.
   */
  InstallSnapshot: { readonly snapshot: Snapshot; readonly keepsLog: boolean }
  /** Forget the entries up to `to`: a snapshot of this node covers them. */
  CompactLog: { readonly to: LogIndex }
  /** Start the election timer anew: a full random timeout, or the short delay after a lost leader or a split vote. */
  ArmElectionTimer: { readonly arming: number; readonly after: "timeout" | "lost-leader" }
  /** Entries up to here are committed; apply those that are not applied yet. */
  Commit: { readonly index: LogIndex }
  /** These reads may be answered once the state machine has applied `index` (dissertation §6.4). */
  ConfirmRead: { readonly read: number; readonly index: LogIndex }
}>
// One that is made for each request or message is written as a plain value: `taggedEnum` makes its constructors anew
// for each use.
export const Action = Data.taggedEnum<Action>()
