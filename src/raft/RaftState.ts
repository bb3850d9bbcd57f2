/**
 * All that one node knows, as a value. Roles carry what only they need, so a follower has no
 * progress table and a leader no votes: what does not exist cannot be stale.
 */
import type { HardState } from "./Action.ts"
import { type Entry, type LogIndex, logIndex, type Position, Term } from "./Entry.ts"
import type { ClusterId, Member, Membership, NodeId, StoreId } from "./Membership.ts"
import type { Progress } from "./Progress.ts"
import * as RaftLog from "./RaftLog.ts"
import type { Snapshot } from "./Snapshot.ts"
import { violated } from "./Step.ts"

export interface Settings {
  /** Bytes of entries in one AppendEntries. */
  readonly entriesBytesMax: number
  /** AppendEntries on their way to one peer, by count and by bytes. */
  readonly inflightMax: number
  readonly inflightBytesMax: number
  /** Bytes of entries that a leader takes in its term and has not committed. */
  readonly uncommittedBytesMax: number
  /** Entries kept behind a snapshot: so many for whoever may come, and no more than so many bytes for anybody. */
  readonly retainedEntries: number
  readonly retainedBytes: number
}

export const defaultSettings: Settings = {
  entriesBytesMax: 1024 * 1024,
  inflightMax: 256,
  inflightBytesMax: 8 * 1024 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  retainedEntries: 10_000,
  retainedBytes: 64 * 1024 * 1024
}

export interface Follower {
  readonly _tag: "Follower"
  readonly leader: NodeId | null
  /** The leader spoke within the shortest election timeout: no vote against it (dissertation §4.2.3). */
  readonly leaderHeard: boolean
}

/** Who has granted this candidacy, and which store it was that did. */
export type Votes = ReadonlyMap<NodeId, StoreId>

export interface PreCandidate {
  readonly _tag: "PreCandidate"
  readonly votes: Votes
}

export interface Candidate {
  readonly _tag: "Candidate"
  readonly votes: Votes
  /** Who has refused: with the votes, who has answered. */
  readonly refusals: ReadonlySet<NodeId>
}

/** A read that waits until a majority has answered its round. */
export interface PendingRead {
  readonly read: number
  readonly index: LogIndex
  readonly round: number
}

/** Leadership on its way to another node (dissertation §3.10). */
export interface Transfer {
  readonly to: NodeId
  /** How many quorum checks have passed since it began. */
  readonly checks: number
}

export interface Leader {
  readonly _tag: "Leader"
  /** Of every other member. */
  readonly progress: ReadonlyMap<NodeId, Progress>
  /** The entry that opened this term; nothing before it commits by counting (§5.4.2). */
  readonly opening: LogIndex
  /** Up to here the log is on the leader's own disk (dissertation §10.2.1). */
  readonly persisted: LogIndex
  readonly round: number
  readonly reads: ReadonlyArray<PendingRead>
  readonly transfer: Transfer | null
  /** Where the log ended at the last quorum check. */
  readonly lastChecked: LogIndex | null
  /** Of the entries of this term that are not committed. */
  readonly uncommittedBytes: number
}

export type Role = Follower | PreCandidate | Candidate | Leader

/** A membership and the entry that brought it. */
export interface Config {
  readonly index: LogIndex
  readonly membership: Membership
}

/** What a connected peer said of itself. */
export interface Link {
  readonly storeId: StoreId
  readonly hasEntries: boolean
  /** Its Raft address if it has a new disk and asks to be let in. */
  readonly joins: string | null
  /** It can be told to campaign at once (dissertation §3.10). */
  readonly takesOver: boolean
}

export interface RaftState {
  readonly settings: Settings
  readonly self: NodeId
  readonly storeId: StoreId
  /** Becomes the cluster's id if this node turns out to be its first leader. */
  readonly clusterIdToMint: ClusterId
  /** The members to begin with, as configured; the log's membership replaces them. */
  readonly initialMembers: ReadonlyArray<Member>
  readonly term: Term
  readonly votedFor: NodeId | null
  readonly role: Role
  readonly log: RaftLog.RaftLog
  /** The newest snapshot of this node: durable, and what a leader can send (§7). */
  readonly snapshot: Snapshot | null
  /**
   * The membership of the snapshot and every later one in the log, oldest first, so that a truncation can fall back
   * (dissertation §4.1).
   */
  readonly configs: ReadonlyArray<Config>
  readonly commitIndex: LogIndex
  /** Counts armings of the election timer; a timer of an older arming is stale. */
  readonly arming: number
  /** The connected peers. */
  readonly links: ReadonlyMap<NodeId, Link>
}

/** A node that leads. */
export type Leading = RaftState & { readonly role: Leader }

export const isLeading = (state: RaftState): state is Leading => state.role._tag === "Leader"

export interface InitialOptions {
  readonly self: NodeId
  readonly storeId: StoreId
  readonly clusterIdToMint: ClusterId
  readonly initialMembers: ReadonlyArray<Member>
  readonly hardState: HardState
  /** The log from `start` on, which is 0 for a whole one and else no further than the snapshot. */
  readonly start?: Position
  readonly entries: ReadonlyArray<Entry>
  /** The newest durable one, whose state the state machine starts with. */
  readonly snapshot?: Snapshot | null
  readonly settings?: Settings
}

/**
 * A node as it starts: a follower that knows what its disk knows, and that nothing is committed but what its
 * snapshot covers (§5.2, figures 2 and 13).
 */
export const initial = (options: InitialOptions): RaftState => {
  const { hardState, snapshot = null } = options
  const log = RaftLog.fromEntries(options.entries, options.start)
  if (RaftLog.termAt(log, snapshot?.index ?? RaftLog.origin.index) !== (snapshot ?? RaftLog.origin).term) {
    return violated("recovery (§7): snapshot and log on the disk do not fit together")
  }
  return {
    settings: options.settings ?? defaultSettings,
    self: options.self,
    storeId: options.storeId,
    clusterIdToMint: options.clusterIdToMint,
    initialMembers: options.initialMembers,
    term: hardState.term,
    votedFor: hardState.votedFor,
    role: followerOf(null),
    log,
    snapshot,
    configs: recoveredConfigs(options),
    commitIndex: logIndex(snapshot?.index ?? 0),
    arming: 0,
    links: new Map()
  }
}

const recoveredConfigs = ({ entries, snapshot }: InitialOptions): ReadonlyArray<Config> => {
  if (!snapshot) return configsOf(entries)
  const { configIndex, membership } = snapshot
  return [{ index: configIndex, membership }, ...configsOf(entries).filter(({ index }) => index > configIndex)]
}

/** A follower of nobody has heard nobody. */
export const followerOf = (leader: NodeId | null): Follower => ({
  _tag: "Follower",
  leader,
  leaderHeard: leader !== null
})

export const hardStateOf = (state: RaftState): HardState => ({ term: state.term, votedFor: state.votedFor })

/** The leader as this node knows it. */
export const leaderOf = (state: RaftState): NodeId | null =>
  state.role._tag === "Leader" ? state.self : state.role._tag === "Follower" ? state.role.leader : null

/** The latest membership in the log counts, committed or not (dissertation §4.1). */
export const membersOf = (state: RaftState): ReadonlyArray<Member> =>
  state.configs.at(-1)?.membership.members ?? state.initialMembers

/** The membership at an index that is not before the snapshot's; undefined before entry 1. */
export const configAt = (state: RaftState, index: LogIndex): Config | undefined =>
  state.configs.findLast((config) => config.index <= index)

export const clusterIdOf = (state: RaftState): ClusterId | null => state.configs.at(-1)?.membership.clusterId ?? null

export const memberOf = (state: RaftState, id: NodeId): Member | undefined =>
  membersOf(state).find((member) => member.nodeId === id)

/**
 * Whether this node was a member, with this very store, and the cluster has gone on without it. A later entry may
 * have let it in again.
 */
export const isRemoved = (state: RaftState): boolean => {
  const latest = state.configs.at(-1)
  const isIn = (config: Config): boolean => names(config, state.self, state.storeId)
  if (!latest || isIn(latest)) return false
  const committed = state.configs.filter(({ index }) => index <= state.commitIndex)
  return committed.some(isIn) && !isIn(committed.at(-1)!)
}

/** Whether any membership that this node remembers has this node with this very store. */
export const wasMember = ({ configs }: RaftState, id: NodeId, store: StoreId): boolean =>
  configs.some((config) => names(config, id, store))

const names = ({ membership }: Config, id: NodeId, store: StoreId): boolean =>
  membership.members.some(({ nodeId, storeId }) => nodeId === id && storeId === store)

/** How many voters make a majority. Voters that do not count yet are still part of the whole. */
export const quorumOf = (state: RaftState): number =>
  Math.floor(membersOf(state).filter((member) => member.voter).length / 2) + 1

export const appendEntries = (state: RaftState, entries: ReadonlyArray<Entry>): RaftState => {
  const configs = configsOf(entries)
  return {
    ...state,
    log: RaftLog.append(state.log, entries),
    configs: configs.length === 0 ? state.configs : [...state.configs, ...configs]
  }
}

export const truncateAfter = (state: RaftState, index: LogIndex): RaftState => ({
  ...state,
  log: RaftLog.truncateAfter(state.log, index),
  configs: state.configs.filter((config) => config.index <= index)
})

const configsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<Config> =>
  entries.flatMap(({ index, payload }) => payload._tag === "Config" ? [{ index, membership: payload.membership }] : [])
