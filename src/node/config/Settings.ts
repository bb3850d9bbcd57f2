/**
 * Every setting of a node, in the order in which help shows them. Adding one here gives it its flag,
 * its variable, its key in a file and its check; nothing else lists settings.
 */
import { Schema } from "effect"
import { defaultLimits } from "../../lock/Limits.ts"
import { NodeId } from "../../raft/Membership.ts"
import { choice, count, list, millis, port, type Setting, text } from "./Setting.ts"

const HostName = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9:._%-]+$/))

export const settings = {
  nodeId: text(
    "nodeId",
    NodeId,
    "1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit",
    null,
    "The name of this node, unique in its cluster"
  ),
  host: text("host", HostName, "a host name or an IP address", "127.0.0.1", "Where all three ports listen"),
  httpPort: port("httpPort", 8081, "Where HTTP is served"),
  raftPort: port("raftPort", null, "Where peers connect; by default the port that peers names for this node"),
  rpcPort: port("rpcPort", 7081, "Where clients connect"),
  dataDir: text(
    "dataDir",
    Schema.NonEmptyString,
    "a directory",
    null,
    "Where the log is kept; by default .holdfast/ and the node's name"
  ),
  peers: list("peers", "node@host:port for each node of the cluster", "Raft addresses of all nodes, this one included"),

  heartbeatMillis: millis("heartbeatMillis", 60, "How often a leader speaks to its followers"),
  electionMillisMin: millis("electionMillisMin", 300, "The shortest silence that makes a follower stand for election"),
  electionMillisMax: millis("electionMillisMax", 600, "The longest one; each wait is drawn between the two"),
  lostLeaderMillisMin: millis("lostLeaderMillisMin", 5, "The shortest wait once the leader's connection is gone", 0),
  lostLeaderMillisMax: millis("lostLeaderMillisMax", 40, "The longest one"),
  clockStepMillisMax: millis(
    "clockStepMillisMax",
    null,
    "How much one turn of a leader may add to the cluster's clock; by default electionMillisMin"
  ),
  clockTickMillis: millis("clockTickMillis", 250, "The longest time the cluster's clock stands still under sessions"),
  leaderWaitMillis: millis("leaderWaitMillis", 2_000, "How long a request waits for a leader", 0),

  snapshotEntries: count(
    "snapshotEntries",
    1_000_000_000,
    "entries",
    100_000,
    "How long the log grows before a snapshot takes its place"
  ),
  snapshotBytesMin: count(
    "snapshotBytesMin",
    1_073_741_824,
    "bytes",
    67_108_864,
    "Or how large; the larger of this and the latest snapshot"
  ),
  snapshotRetainedEntries: count(
    "snapshotRetainedEntries",
    1_000_000_000,
    "entries",
    10_000,
    "What is kept behind a snapshot for followers that are slow"
  ),

  eventsKept: count(
    "eventsKept",
    1_000_000,
    "events",
    10_000,
    "How many events a watcher can go back that has lost its connection"
  ),
  historyKept: count(
    "historyKept",
    100_000,
    "grants",
    10_000,
    "How many grants that are over the cluster remembers, by the setting of whoever leads"
  ),

  nameBytesMax: count("nameBytesMax", 4_096, "bytes", defaultLimits.nameBytesMax, "The longest name of a lock"),
  labelBytesMax: count("labelBytesMax", 4_096, "bytes", defaultLimits.labelBytesMax, "The longest label of a session"),
  ownerBytesMax: count("ownerBytesMax", 4_096, "bytes", defaultLimits.ownerBytesMax, "The longest name of an owner"),
  valueBytesMax: count("valueBytesMax", 65_536, "bytes", defaultLimits.valueBytesMax, "The longest value on a lock"),
  bodyBytesMax: count("bodyBytesMax", 1_048_576, "bytes", defaultLimits.bodyBytesMax, "The longest body of a request"),
  permitsMax: count("permitsMax", 1_000_000, "permits", defaultLimits.permitsMax, "The most permits a lock may have"),
  ttlMillisMin: millis("ttlMillisMin", defaultLimits.ttlMillisMin, "The shortest TTL of a session"),
  ttlMillisMax: millis("ttlMillisMax", defaultLimits.ttlMillisMax, "The longest one"),
  waitMillisMax: millis("waitMillisMax", defaultLimits.waitMillisMax, "The longest wait of one acquire"),
  lockDelayMillisMax: millis("lockDelayMillisMax", defaultLimits.lockDelayMillisMax, "The longest lock-delay"),
  maxHoldMillisMin: millis("maxHoldMillisMin", defaultLimits.maxHoldMillisMin, "The shortest maxHoldMs"),
  maxHoldMillisMax: millis("maxHoldMillisMax", defaultLimits.maxHoldMillisMax, "The longest one"),
  pageLengthDefault: count(
    "pageLengthDefault",
    10_000,
    "rows",
    defaultLimits.pageLengthDefault,
    "Rows on a page of a list"
  ),
  pageLengthMax: count(
    "pageLengthMax",
    10_000,
    "rows",
    defaultLimits.pageLengthMax,
    "The most that a reader may ask for"
  ),

  logLevel: choice(
    "logLevel",
    ["trace", "debug", "info", "warn", "error", "none"],
    "info",
    "What is logged: this and whatever is graver"
  ),
  logFormat: choice(
    "logFormat",
    ["auto", "pretty", "json"],
    "auto",
    "Lines for people or for programs; auto looks whether a terminal reads them"
  )
} satisfies { readonly [Key in string]: Setting<unknown> }

type Settings = typeof settings

/** A right value for each setting; null where no source has it and the node derives it from the others. */
export type Values = {
  readonly [Key in keyof Settings]: Settings[Key] extends Setting<infer A, infer F> ? A | Extract<F, null> : never
}

export const keys: ReadonlyArray<string> = Object.keys(settings)
