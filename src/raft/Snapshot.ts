/**
 * What a snapshot stands for, without its bytes: the state after applying every entry up to `index`
 * (§7, figure 13). It takes the place of those entries, so it carries what a log without them could
 * no longer tell.
 */
import { Schema } from "effect"
import { LogIndex, Term } from "./Entry.ts"
import { Membership } from "./Membership.ts"

export const Snapshot = Schema.Struct({
  /** The last entry that it covers, and the term of that entry. */
  index: LogIndex,
  term: Term,
  /** The replicated clock at that entry. */
  time: Schema.Natural,
  /** The entry that gave the membership, at or before `index`. */
  configIndex: LogIndex,
  membership: Membership
})
export type Snapshot = typeof Snapshot.Type
