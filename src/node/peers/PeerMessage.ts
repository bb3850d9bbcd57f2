/**
 * What nodes say to each other: Raft's messages, requests that a follower passes on to the leader
 * together with their answers, and the bytes of a snapshot. The bodies of requests, answers and
 * snapshots belong to the state machine; the transport carries them as bytes.
 */
import { Schema } from "effect"
import { Term } from "../../raft/Entry.ts"
import { StoreId } from "../../raft/Membership.ts"
import { RaftMessage } from "../../raft/RaftMessage.ts"
import { Snapshot } from "../../raft/Snapshot.ts"
import { AdminAsk, AdminOutcome } from "../administration/AdminAsk.ts"
import { PeerMark } from "./PeerMark.ts"

export const PeerMessage = Schema.TaggedUnion({
  Raft: { message: RaftMessage },
  /** A command for the leader of this term to propose, and for nobody later. An older release names no term. */
  Propose: {
    request: Schema.String,
    command: Schema.Uint8Array,
    term: Schema.optionalKey(Term),
    /** What the leader's spans hang under, if the request is traced (W3C Trace Context). */
    traceparent: Schema.optionalKey(Schema.String)
  },
  /** A linearizable read for the leader to answer. */
  Query: { request: Schema.String, query: Schema.Uint8Array },
  /** The outcome of a `Propose` or `Query`. */
  Answer: { request: Schema.String, answer: Schema.Uint8Array },
  /** The request did nothing here: this node does not lead, or has no room for it. */
  Refuse: { request: Schema.String, reason: Schema.Literals(["not-leader", "overloaded"]) },
  /** An operator's request for the leader, and what came of it. */
  Admin: { request: Schema.String, ask: AdminAsk },
  AdminAnswer: { request: Schema.String, outcome: AdminOutcome },
  /** A leader tells how far stores have come, its own and those of its followers. */
  Marks: { marks: Schema.Array(Schema.Struct({ ...PeerMark.fields, storeId: StoreId })) },
  /** A leader has a snapshot in place of entries that the follower lacks (§7). `checksum` names its file. */
  SnapshotOffer: {
    term: Term,
    round: Schema.Natural,
    snapshot: Snapshot,
    bytes: Schema.Natural,
    checksum: Schema.String
  },
  /** The follower asks for bytes of it, and gets one chunk. */
  SnapshotWanted: { checksum: Schema.String, offset: Schema.Natural, length: Schema.Natural },
  SnapshotChunk: { checksum: Schema.String, offset: Schema.Natural, crc: Schema.Natural, bytes: Schema.Uint8Array },
  /** Either side cannot go on with it. */
  SnapshotEnded: { checksum: Schema.String }
})
export type PeerMessage = typeof PeerMessage.Type
