/**
 * One follower as its leader sees it: what it surely holds, what to send next, what is on its way.
 *
 * A leader probes with one message at a time until it knows where the logs agree, then replicates
 * without waiting for answers, within a bound of messages and bytes. Who needs what was compacted away
 * gets a snapshot, and nothing else until it is installed.
 */
import { type LogIndex, logIndex } from "./Entry.ts"
import type { StoreId } from "./Membership.ts"
import type { Snapshot } from "./Snapshot.ts"

interface Inflight {
  readonly index: LogIndex
  readonly bytes: number
}

export interface Progress {
  readonly mode: "Probe" | "Replicate" | "Snapshot"
  /** The store that acknowledged `matchIndex`; null before the peer has connected. */
  readonly storeId: StoreId | null
  readonly matchIndex: LogIndex
  readonly nextIndex: LogIndex
  /** In Probe: a message is on its way, wait for its answer or the next heartbeat. */
  readonly probing: boolean
  /** In Replicate: what is unanswered, oldest first. */
  readonly inflight: ReadonlyArray<Inflight>
  readonly inflightBytes: number
  /** In Snapshot: what is on its way. `nextIndex` is behind it, so that a heartbeat asks whether it is installed. */
  readonly snapshot: Snapshot | null
  /** The latest round of confirmation that the peer has answered. */
  readonly round: number
  /** Whether the peer has spoken since the last quorum check. */
  readonly active: boolean
}

export const initial = (lastIndex: LogIndex, storeId: StoreId | null): Progress => ({
  mode: "Probe",
  storeId,
  matchIndex: logIndex(0),
  nextIndex: logIndex(lastIndex + 1),
  probing: false,
  inflight: [],
  inflightBytes: 0,
  snapshot: null,
  round: 0,
  active: false
})

/** Where to ask next. It never goes below what is known to match. */
export const probeFrom = (self: Progress, nextIndex: LogIndex): Progress => ({
  ...self,
  mode: "Probe",
  nextIndex: logIndex(Math.max(nextIndex, self.matchIndex + 1)),
  probing: false,
  inflight: [],
  inflightBytes: 0,
  snapshot: null
})

/** The connection broke: what was on its way may be lost, what was acknowledged is not. */
export const disconnected = (self: Progress): Progress =>
  probeFrom(self, self.matchIndex > 0 ? logIndex(self.matchIndex + 1) : self.nextIndex)

/** A message up to `index` has been sent. */
export const sent = (self: Progress, index: LogIndex, bytes: number): Progress =>
  self.mode === "Probe" ? { ...self, probing: true } : {
    ...self,
    nextIndex: logIndex(index + 1),
    inflight: [...self.inflight, { index, bytes }],
    inflightBytes: self.inflightBytes + bytes
  }

/** A snapshot has been sent. */
export const snapshotSent = (self: Progress, snapshot: Snapshot): Progress => ({
  ...probeFrom(self, logIndex(snapshot.index + 1)),
  mode: "Snapshot",
  snapshot
})

/**
 * The snapshot did not get there. The next heartbeat asks anew, which is soon enough: whatever has broken may
 * break again.
 */
export const snapshotFailed = (self: Progress, lastIndex: LogIndex): Progress => ({
  ...probeFrom(self, logIndex(lastIndex + 1)),
  probing: true
})

/** The peer's log equals the leader's up to `index`. An answer that tells nothing new frees nothing. */
export const acknowledged = (self: Progress, index: LogIndex): Progress => {
  const matchIndex = logIndex(Math.max(self.matchIndex, index))
  if (self.snapshot !== null && matchIndex < self.snapshot.index) return { ...self, matchIndex }
  const inflight = self.inflight.filter((message) => message.index > matchIndex)
  return {
    ...self,
    mode: "Replicate",
    matchIndex,
    // A probe's nextIndex was a guess; from here on it is what has been sent.
    nextIndex: logIndex(self.mode === "Probe" ? matchIndex + 1 : Math.max(self.nextIndex, matchIndex + 1)),
    probing: false,
    inflight,
    inflightBytes: inflight.reduce((bytes, message) => bytes + message.bytes, 0),
    snapshot: null
  }
}

/**
 * Whether a rejection of `prevLogIndex` answers what was last asked, and not an older message (§5.3). What
 * was acknowledged since cannot be rejected any more; to answer that would be to ask the same again for ever.
 * While a snapshot is on its way everything is rejected, and nothing is news.
 */
export const isCurrentRejection = (self: Progress, prevLogIndex: LogIndex): boolean =>
  prevLogIndex > self.matchIndex && self.mode !== "Snapshot" &&
  (self.mode === "Replicate" || prevLogIndex === self.nextIndex - 1)

export const spoke = (self: Progress, round: number): Progress => ({
  ...self,
  active: true,
  round: Math.max(self.round, round)
})
