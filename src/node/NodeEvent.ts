/**
 * What comes into a node's one inbox. Timers are stamped with the term or arming they belong to; what
 * has become stale on the way is recognised by whoever handles it.
 */
import { Data } from "effect"
import type { Term } from "../raft/Entry.ts"
import type { Event } from "../raft/Event.ts"
import type { Administered } from "./administration/Administration.ts"
import type { Pending } from "./requests/Requests.ts"
import type { Fetched, Settle } from "./snapshots/SnapshotWork.ts"
import type { TransportEvent } from "./Transport.ts"

export type NodeEvent = Data.TaggedEnum<{
  /** Of a timer, straight to the core. */
  Timed: { readonly event: Event }
  /** From the transport: a link that came or went, messages. */
  Linked: { readonly event: TransportEvent }
  /** A request of a caller of this node. */
  Submitted: { readonly pending: Pending }
  /** An operator's request to a caller of this node. */
  Administered: { readonly asked: Administered }
  /** The replicated clock should move: a deadline is due, or nothing has moved it for a while. */
  TickDue: { readonly term: Term }
  /** Committed entries are left to apply after a long turn. */
  ApplyDue: {}
  /** A snapshot that this node was offered is here, ready to be installed. */
  SnapshotFetched: { readonly fetched: Fetched }
  /** Someone asks for a snapshot of this node. */
  SnapshotAsked: { readonly settle: Settle }
  /** Requests may have to be sent again or given up. */
  SweepDue: {}
}>
// One that is made for each request or message is written as a plain value: `taggedEnum` makes its constructors anew
// for each use.
export const NodeEvent = Data.taggedEnum<NodeEvent>()
