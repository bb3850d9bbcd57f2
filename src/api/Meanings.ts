/**
 * What each field of the API means, in a sentence or two for whoever reads its description. What a field of a request
 * must be is not said here but in `Fields`.
 *
 * A field means the same wherever it stands, or has an entry of its own under the name of its schema. One without any
 * entry is found by a test.
 */

export const meaningOf = (schema: string, field: string): string | undefined =>
  meanings[`${schema}.${field}`] ?? meanings[field]

const meanings: Readonly<Record<string, string>> = {
  // Problems.
  type: "Which problem it is: the path of a page of this node that says what it means and what to do.",
  status: "The HTTP status.",
  title: "The problem in a few words, the same each time.",
  detail: "What was wrong this time, in a sentence for people.",
  instance: "Which occurrence it is. Nodes leave it out.",
  field: "The field that is at fault, or `body` or `request` for the whole.",
  reason: "Why the change would do harm or cannot be made; the page of the problem explains each.",
  retryAfterMs: "After how many milliseconds to send the request again.",
  "retry-after": "After how many seconds to send the request again.",

  // Sessions.
  session: "A client's lease. Its id is a credential: who has it can renew the session, end it, and release its locks.",
  "AcquireAlone.session": "Absent: the node makes a session for this lock, and answers with its id.",
  "AcquireInSession.session": "The session that is to hold the lock, for as long as it is renewed.",
  ttlMs: "How many milliseconds the session lives after its last renewal.",
  "AcquireInSession.ttlMs": "Ignored: the session has its own.",
  label: "A name for people, which everybody can see. Many sessions may have the same.",
  "AcquireInSession.label": "Ignored: the session has its own.",
  expiresInMs: "In how many milliseconds the session ends if nobody renews it.",
  holds: "How many grants of locks the session has.",
  waits: "In how many queues the session waits.",
  sessions: "The sessions of this page, in the order in which they were made, without their ids.",

  // Locks.
  name: "The name of the lock.",
  owner: "Tells the holders within a session apart: two owners exclude each other. Empty unless given.",
  "Release.owner": "The owner that holds the lock. Without it, session and token decide.",
  mode: "`exclusive` for one holder, or as many as there are permits; `shared` for any number of readers.",
  "Lock.mode": "How the lock is held, a lock-delay included; null while nothing holds it.",
  permits: "How many may hold the lock at once: more than 1 make it a semaphore. Kept until the lock is idle again.",
  waitMs: "How many milliseconds to wait in the queue. 0 or absent does not wait, and leaves the queue.",
  lockDelayMs: "For how many milliseconds nobody gets the lock after this grant has expired. A release skips it.",
  maxHoldMs: "After how many milliseconds this grant ends, whatever is renewed. Absent for no such end.",
  value: "A note of the holder, which everybody who looks at the lock can read.",
  seq: "The number of this request within its session, counted up. Sent again with the same, it takes effect once.",
  seqDone: "The client needs no outcome of a `seq` up to this one any more, and the session forgets them.",
  token:
    "The fencing token of the grant. Later grants, of any lock, have greater ones; give it to what the lock protects.",
  "Grant.expiresInMs": "In how many milliseconds the grant ends, with its session or by `maxHoldMs`.",
  "Holder.expiresInMs": "In how many milliseconds the grant ends, with its session or by `maxHoldMs`.",
  holdEndsInMs: "In how many milliseconds `maxHoldMs` ends the grant. Absent without a `maxHoldMs`.",
  heldMs: "For how many milliseconds the holder has held the lock.",
  holders: "Who holds the lock, in the order in which it was granted.",
  "LockHeld.holders": "Who holds the lock, in the order in which it was granted: the first hundred.",
  queueLength: "How many wait for the lock.",
  at: "When it happened, by the clock of the node that led. Absent if no clock was written down.",
  lockDelayLeftMs: "For how many milliseconds a lock-delay still keeps the lock from others; 0 when none does.",
  lastToken:
    "The token of the latest grant of the lock. A lock that nobody holds or waits for is forgotten, and this is " +
    "null, as if it had never been granted; its next token is greater all the same.",
  valid: "Whether the token is that of a present holder.",
  released: "Always true: what cannot be released is answered with a problem.",
  locks: "The locks of this page, in order of the UTF-8 bytes of their names.",

  queue: "Who waits, in the order in which they will be served. At most the first thousand.",
  position: "The place in the queue: 1 is next.",
  waitedMs: "For how many milliseconds it has waited.",
  waitEndsInMs: "In how many milliseconds it leaves the queue if it is not granted the lock.",
  estimatedWaitMs:
    "In how many milliseconds it will be granted the lock, if holds take what they typically took; null if they are " +
    "no guide.",
  estimate: "How long an exclusive acquire that comes now would wait.",
  "Estimate.waitMs":
    "In how many milliseconds it would be granted the lock, if holds take what they typically took. Null if they are " +
    "no guide: none is remembered, or a holder has held it for longer than any.",
  atMostMs: "In how many milliseconds at the latest; null unless all before it have a `maxHoldMs`.",
  typicalHoldMs: "The median of the holds of this lock that are remembered; null without any.",
  holdsSeen: "How many holds that is the median of.",
  history: "The grants of the lock, present ones first, then past ones, the one that ended latest first.",
  grantedAt: "When it was granted, by the clock of the node that led; null if no clock was written down.",
  endedAt: "When it ended, by the clock of the node that led then; null while it lasts.",
  "Hold.heldMs": "For how many milliseconds it was held, or has been held by now.",
  ended: "How it ended: null while it lasts. `withdrawn`: its client hung up before it heard of the grant.",

  // Lists and reads.
  cursor: "Where the next page goes on: give it back as `cursor`. Null on the last page.",
  prefix: "Lists only locks whose names begin with it.",
  limit: "How many entries a page has at most.",
  consistency: "`linearizable` reads what the cluster has agreed on, `stale` what the node asked has applied so far.",

  // Events.
  event: "What has happened. `gap`: events are missing here. `at`: nothing else has, up to here. `cut-off`: the end.",
  data: "The facts of the event, as JSON.",
  "last-event-id":
    "The id of the last event that was heard: the stream goes on behind it. Browsers send it themselves.",

  // The cluster.
  nodeId: "The name of the node.",
  id: "The name of the member to remove.",
  to: "The node that shall lead. Absent for the one that is furthest.",
  state: "What the node is in its term. A learner takes no part in elections.",
  term: "The term of Raft: each election begins one, and each has at most one leader.",
  leaderId: "The node that leads in this term; null while none is known.",
  commitIndex: "Up to which entry of the log the cluster has agreed, as far as the node knows.",
  lastApplied: "Up to which entry of the log the node has applied.",
  lastLogIndex: "The last entry in the log of the node.",
  members: "The members of the cluster, as far as the node knows.",
  uptimeMs: "For how many milliseconds the node has run.",
  version: "The version of Holdfast that the node runs.",
  raft: "Where the node listens for other nodes, as `host:port`.",
  http: "Where it listens for HTTP, as `host:port`; null for a peer that has not told yet.",
  rpc: "Where it listens for client RPC, as `host:port`; null for a peer that has not told yet.",
  voter: "Whether it decides with the others; a learner does not yet.",
  self: "Whether it is the node that answers.",
  removed: "Always true: what cannot be removed is answered with a problem.",
  index: "Up to which entry of the log the snapshot stands for the log.",
  bytes: "How long the file of the snapshot is.",

  snapshotIndex: "The last entry in the latest snapshot of the node; 0 without one.",
  stalled: "Why the node takes no writes; null while it does.",
  dev: "Whether `holdfast dev` runs the node, so that its dashboard can break what it is told to.",
  peers: "The other members, as this node reaches them.",
  linked: "Whether the node is connected with the peer, both ways.",
  lagEntries: "How many entries of the leader's log the peer surely lacks; null unless this node leads.",
  cut: "Whether the link was cut on purpose, which only `holdfast dev` can do.",
  lockCount: "How many locks are held or waited for.",
  heldCount: "How many grants there are.",
  waitingCount: "How many acquires wait.",
  sessionCount: "How many sessions live.",
  counts: "What the node has counted since it started.",
  grants: "Grants of locks.",
  releases: "Grants that were given back.",
  expiries: "Grants that were lost.",
  waitSeconds: "For how many seconds all grants together were waited for.",
  commits: "Entries that this node has proposed as a leader, and applied.",
  commitSeconds: "How many seconds these took, all together.",
  appends: "Writes to the log, each with its sync.",
  appendSeconds: "How many seconds these took, all together.",
  nodes: "All members, in order of their names.",
  view: "What the node says of itself; null when it does not answer.",
  silence: "Why it does not answer; null when it does.",

  // Health.
  alive: "Always true: who is not alive does not answer.",
  ready: "Always true: who is not ready answers 503."
}
