/**
 * What a node measures of its consensus and its locks, as samples.
 */
import type { NodeMetrics } from "../../node/metrics/NodeMetrics.ts"
import type { Readings } from "../../node/metrics/Readings.ts"
import type { Exposition } from "./Exposition.ts"

const roles = ["Leader", "Follower", "Candidate", "PreCandidate", "Learner"] as const

export const showRaft = (to: Exposition, { metrics, peers, status }: Readings): void => {
  to.gauge("raft_term", "The term of Raft that the node is in.", status.term)
  for (const role of roles) {
    to.gauge("raft_role", "1 for what the node is in its term, 0 for what it is not.", Number(status.role === role), {
      role: role.toLowerCase()
    })
  }
  to.gauge("raft_has_leader", "Whether the node knows of a leader.", Number(status.leaderId !== null))
  to.gauge("raft_last_log_index", "The last entry in the log of the node.", status.lastLogIndex)
  to.gauge("raft_commit_index", "The last entry that the node knows to be committed.", status.commitIndex)
  to.gauge("raft_applied_index", "The last entry that the node has applied.", status.lastApplied)
  to.counter("raft_elections_started_total", "How often the node has stood for election.", metrics.electionsStarted)
  to.counter("raft_elections_won_total", "How often the node has become leader.", metrics.electionsWon)
  to.counter("raft_leader_changes_total", "How often the node has seen a new leader.", metrics.leaderChanges)
  to.counter("raft_entries_applied_total", "Entries applied that were new to the node.", metrics.entriesApplied)
  to.histogram(
    "raft_commit_duration_seconds",
    "From the proposal of an entry until this leader has applied it.",
    metrics.commitSeconds
  )
  for (const { isLinked, lagEntries, nodeId } of peers) {
    to.gauge("raft_peer_linked", "Whether the node is connected with a peer, both ways.", Number(isLinked), {
      peer: nodeId
    })
    if (lagEntries === null) continue
    to.gauge("raft_follower_lag_entries", "What a follower surely lacks of this leader's log.", lagEntries, {
      peer: nodeId
    })
  }
}

export const showNode = (to: Exposition, readings: Readings): void => {
  const { inboxLength, inboxLengthMax, metrics, requestsPending, snapshotBytes, status } = readings
  to.counter("turns_total", "Turns that the node has taken: batches of what has come in.", metrics.turns)
  to.histogram("turn_duration_seconds", "How long a turn takes, its write and sync included.", metrics.turnSeconds)
  to.histogram("log_append_duration_seconds", "One write to the log, synced to disk.", metrics.appendSeconds)
  to.gauge("inbox_length", "What has come in and waits for its turn.", inboxLength)
  to.gauge("inbox_length_max", "How much may wait before requests are refused.", inboxLengthMax)
  to.gauge(
    "requests_pending",
    "Requests that are not answered yet, those that wait for a lock included.",
    requestsPending
  )
  to.gauge(
    "writes_stalled",
    "Whether the node takes no writes, because its disk is full.",
    Number(status.stalled !== null)
  )
  const dropped = "Pauses of this leader by which leases have become longer."
  to.counter("clock_dropped_seconds_total", dropped, metrics.clockDroppedMicros / 1e6)
  to.gauge("snapshot_index", "The last entry in the latest snapshot of the node.", status.snapshotIndex)
  to.gauge("snapshot_size_bytes", "How long the latest snapshot of the node is.", snapshotBytes)
  to.counter("snapshots_taken_total", "Snapshots that the node has written.", metrics.snapshotsTaken)
  to.counter("snapshots_failed_total", "Snapshots that the node could not write.", metrics.snapshotsFailed)
  to.counter("snapshots_installed_total", "Snapshots that the node was sent by a leader.", metrics.snapshotsInstalled)
}

export const showLocks = (to: Exposition, { metrics, totals }: Readings): void => {
  to.gauge("locks", "Locks that somebody holds or waits for.", totals.locks)
  to.gauge("locks_held", "Grants that last.", totals.held)
  to.gauge("lock_waiters", "Acquires that wait in a queue.", totals.waiting)
  to.gauge("sessions", "Living sessions.", totals.sessions)
  to.counter("sessions_opened_total", "Sessions that clients have made.", metrics.sessionsOpened)
  to.counter("session_renewals_total", "Renewals of sessions.", metrics.sessionsRenewed)
  to.counter("lock_grants_total", "Grants of locks.", metrics.grants)
  showEnds(to, metrics)
  to.histogram("lock_wait_duration_seconds", "How long a grant was waited for; 0 when at once.", metrics.waitSeconds)
  to.histogram("lock_hold_duration_seconds", "How long a grant lasted.", metrics.holdSeconds)
  to.counter(
    "fencing_rejections_total",
    "Releases by who does not hold the lock, and checks of tokens of nobody who holds.",
    metrics.fencingRejections
  )
}

const expiries = ["session-expired", "max-hold"] as const
const releases = ["released", "session-ended", "withdrawn"] as const
const departures = ["timeout", "withdrawn", "session-ended", "session-expired"] as const

// Each series is there from the start: a rate over one that has only just appeared is none.
const showEnds = (to: Exposition, { endedHolds, endedWaits }: NodeMetrics): void => {
  for (const reason of expiries) {
    to.counter("lock_expiries_total", "Locks that their holders have lost.", endedHolds.get(reason) ?? 0, { reason })
  }
  for (const reason of releases) {
    to.counter("lock_releases_total", "Locks that were given back.", endedHolds.get(reason) ?? 0, { reason })
  }
  for (const reason of departures) {
    to.counter("lock_waits_ended_total", "Waits that ended without the lock.", endedWaits.get(reason) ?? 0, { reason })
  }
}
