/**
 * Short ways to say what the tests of the core need: nodes with a given log, messages in plain numbers,
 * and what a step has sent. Nodes are called `n1`, `n2`, …, and each has the store `store-n1`, ….
 */
import { assert } from "@effect/vitest"
import type { Action } from "../../../src/raft/Action.ts"
import { type Entry, LogIndex, type Position, Term } from "../../../src/raft/Entry.ts"
import { Event } from "../../../src/raft/Event.ts"
import { ClusterId, type Member, type Membership, NodeId, StoreId } from "../../../src/raft/Membership.ts"
import * as RaftCore from "../../../src/raft/RaftCore.ts"
import * as RaftLog from "../../../src/raft/RaftLog.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import * as RaftState from "../../../src/raft/RaftState.ts"
import type { Snapshot } from "../../../src/raft/Snapshot.ts"

export const storeOf = (id: string): StoreId => StoreId.make(`store-${id}`)

export const namesOf = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, at) => `n${at + 1}`)

export interface Group {
  readonly voters?: number
  /** Learners come after the voters: with 3 voters the first is `n4`. */
  readonly learners?: number
  /** Whose stores entry 1 records; everybody's unless said otherwise. */
  readonly recorded?: ReadonlyArray<string>
}

const membersOf = ({ learners = 0, recorded, voters = 3 }: Group): ReadonlyArray<Member> => {
  const names = namesOf(voters + learners)
  const known = recorded ?? names
  return names.map((name, at) => ({
    nodeId: NodeId.make(name),
    raft: `${name}:9081`,
    voter: at < voters,
    storeId: known.includes(name) ? storeOf(name) : null
  }))
}

export const membershipOf = (group: Group = {}): Membership => ({
  clusterId: ClusterId.make("cluster"),
  members: membersOf(group)
})

/** A log from the terms of its entries. Entry 1 founds the cluster; the others are commands that differ. */
export const entriesOf = (terms: ReadonlyArray<number>, group: Group = {}, from = 1): ReadonlyArray<Entry> =>
  terms.map((term, at) => ({
    index: LogIndex.make(from + at),
    term: Term.make(term),
    time: 0,
    payload: from + at === 1
      ? { _tag: "Config", membership: membershipOf(group) }
      : { _tag: "Command", bytes: Uint8Array.of(term, from + at) }
  }))

export interface NodeOptions extends Group {
  readonly self?: string
  readonly log?: ReadonlyArray<number>
  /** The term on disk; that of the last entry unless said otherwise. */
  readonly term?: number
  readonly votedFor?: string
  /** Whose links stand; everybody's unless said otherwise. */
  readonly linked?: ReadonlyArray<string>
  /** How much of the log its snapshot covers, and how much of it is compacted away; nothing unless said otherwise. */
  readonly snapshot?: number
  readonly start?: number
  readonly settings?: RaftState.Settings
}

/** A node as it starts from such a disk, with its links up. */
export const node = (options: NodeOptions = {}): RaftState.RaftState => {
  const { learners = 0, log = [], self = "n1", settings, snapshot = 0, start = 0, votedFor, voters = 3 } = options
  const names = namesOf(voters + learners)
  const state = RaftState.initial({
    self: NodeId.make(self),
    storeId: storeOf(self),
    clusterIdToMint: ClusterId.make(`minted-by-${self}`),
    initialMembers: membersOf({ voters, learners, recorded: [] }),
    hardState: {
      term: Term.make(options.term ?? log.at(-1) ?? 0),
      votedFor: votedFor === undefined ? null : NodeId.make(votedFor)
    },
    start: start === 0 ? RaftLog.origin : positionOf(snapshotOf(start, log[start - 1]!)),
    entries: entriesOf(log, options).slice(start),
    snapshot: snapshot === 0 ? null : snapshotOf(snapshot, log[snapshot - 1]!, { membership: membershipOf(options) }),
    ...(settings ? { settings } : {})
  })
  const links = (options.linked ?? names).filter((name) => name !== self)
  return play(state, ...links.map((peer) => connected(peer, { hasEntries: log.length > 0 }))).state
}

/** A snapshot whose last entry has this index and term. */
export const snapshotOf = (index: number, term: number, more: Partial<Snapshot> = {}): Snapshot => ({
  index: LogIndex.make(index),
  term: Term.make(term),
  time: 0,
  configIndex: LogIndex.make(1),
  membership: membershipOf(),
  ...more
})

const positionOf = ({ index, term, time }: Snapshot): Position => ({ index, term, time })

/** The same node after it has won the election of the next term. Its opening entry is not on disk yet. */
export const leader = (options: NodeOptions = {}): RaftState.Leading => {
  const { state } = win(node(options))
  if (!RaftState.isLeading(state)) throw new Error("did not win")
  return state
}

/** Times out and gets the votes of as many as it takes, in the order of their names. */
export const win = (state: RaftState.RaftState): Played => {
  const asked = play(state, timedOut(state))
  const answers = (preVote: boolean, term: number) =>
    namesOf(RaftState.membersOf(state).length)
      .filter((name) => name !== state.self)
      .slice(0, RaftState.quorumOf(state) - 1)
      .map((name) => from(name, vote({ term, preVote })))
  const term = state.term + 1
  return play(asked.state, ...answers(true, term), ...answers(false, term))
}

export interface Played {
  readonly state: RaftState.RaftState
  readonly actions: ReadonlyArray<Action>
}

/** Steps through events one by one and gathers what they ask for. */
export const play = (before: RaftState.RaftState, ...events: ReadonlyArray<Event>): Played => {
  let state = before
  const actions: Array<Action> = []
  for (const event of events) {
    const [next, more] = RaftCore.step(state, event)
    state = next
    actions.push(...more)
  }
  return { state, actions }
}

/** What goes to a node, in order; to anybody without a name. */
export const sent = ({ actions }: Pick<Played, "actions">, to?: string): ReadonlyArray<RaftMessage> =>
  actions.flatMap((action) =>
    "message" in action && (to === undefined || action.to === to)
      ? [action.message]
      : []
  )

export const tagsOf = ({ actions }: Pick<Played, "actions">): ReadonlyArray<string> => actions.map(({ _tag }) => _tag)

export const only = <Tag extends Action["_tag"]>(
  { actions }: Pick<Played, "actions">,
  tag: Tag
): ReadonlyArray<Extract<Action, { _tag: Tag }>> =>
  actions.filter((action): action is Extract<Action, { _tag: Tag }> => action._tag === tag)

/** Whether a state or a message has these fields, in plain numbers. */
export const assertHas = (actual: object | undefined, expected: Readonly<Record<string, unknown>>): void =>
  assert.deepInclude(actual as Record<string, unknown>, expected)

export const termsOf = ({ log }: RaftState.RaftState): ReadonlyArray<number> =>
  RaftLog.slice(log, LogIndex.make(1), log.lastIndex).map(({ term }) => term)

export const timedOut = (state: RaftState.RaftState): Event => Event.ElectionTimedOut({ arming: state.arming })

export const leaderSilent = (state: RaftState.RaftState): Event => Event.LeaderSilent({ arming: state.arming })

export const quorumChecked = (term: number): Event => Event.QuorumCheckDue({ term: Term.make(term) })

export const addRequested = (id: string): Event =>
  Event.ChangeRequested({ change: { _tag: "AddLearner", nodeId: NodeId.make(id), raft: `${id}:9081` } })

export const removeRequested = (id: string): Event =>
  Event.ChangeRequested({ change: { _tag: "Remove", nodeId: NodeId.make(id) } })

export const transferRequested = (to: string | null): Event =>
  Event.TransferRequested({ to: to === null ? null : NodeId.make(to) })

/** Everything that is in the node's log now is on its disk. */
export const synced = (state: RaftState.RaftState): Event =>
  Event.Persisted({ term: state.term, index: state.log.lastIndex })

export const proposed = (value: number): Event => Event.Proposed({ bytes: Uint8Array.of(value), time: 0 })

export const connected = (
  peer: string,
  link: {
    readonly store?: string
    readonly hasEntries?: boolean
    readonly joins?: string
    readonly takesOver?: boolean
  } = {}
): Event =>
  Event.PeerConnected({
    peer: NodeId.make(peer),
    storeId: StoreId.make(link.store ?? storeOf(peer)),
    hasEntries: link.hasEntries ?? true,
    joins: link.joins ?? null,
    takesOver: link.takesOver ?? true
  })

export const disconnected = (peer: string): Event => Event.PeerDisconnected({ peer: NodeId.make(peer) })

export const from = (sender: string, message: RaftMessage): Event =>
  Event.Received({ from: NodeId.make(sender), message })

/** Asks for a vote with a log that ends in entry `last[0]` of term `last[1]`. */
export const requestVote = (
  { last, preVote = false, term, transfer = false }: {
    readonly term: number
    readonly last: readonly [index: number, term: number]
    readonly preVote?: boolean
    readonly transfer?: boolean
  }
): RaftMessage => ({
  _tag: "RequestVote",
  term: Term.make(term),
  preVote,
  transfer,
  lastLogIndex: LogIndex.make(last[0]),
  lastLogTerm: Term.make(last[1])
})

export const vote = (
  { granted = true, preVote = false, term }: {
    readonly term: number
    readonly granted?: boolean
    readonly preVote?: boolean
  }
): RaftMessage => ({ _tag: "Vote", term: Term.make(term), preVote, granted })

export const appendEntries = (
  { commit = 0, entries = [], prev, round = 0, term }: {
    readonly term: number
    readonly prev: readonly [index: number, term: number]
    readonly entries?: ReadonlyArray<Entry>
    readonly commit?: number
    readonly round?: number
  }
): RaftMessage => ({
  _tag: "AppendEntries",
  term: Term.make(term),
  prevLogIndex: LogIndex.make(prev[0]),
  prevLogTerm: Term.make(prev[1]),
  entries,
  leaderCommit: LogIndex.make(commit),
  round
})

export const appended = (
  { match, round = 0, term }: { readonly term: number; readonly match: number; readonly round?: number }
): RaftMessage => ({ _tag: "Appended", term: Term.make(term), matchIndex: LogIndex.make(match), round })

export const timeoutNow = ({ term }: { readonly term: number }): RaftMessage => ({
  _tag: "TimeoutNow",
  term: Term.make(term)
})

export const rejected = (
  { hint, prev, round = 0, term }: {
    readonly term: number
    readonly prev: number
    readonly hint: readonly [index: number, term: number]
    readonly round?: number
  }
): RaftMessage => ({
  _tag: "AppendRejected",
  term: Term.make(term),
  prevLogIndex: LogIndex.make(prev),
  hintIndex: LogIndex.make(hint[0]),
  hintTerm: Term.make(hint[1]),
  round
})

export const installSnapshot = (
  { round = 0, snapshot, term }: { readonly term: number; readonly snapshot: Snapshot; readonly round?: number }
): RaftMessage => ({ _tag: "InstallSnapshot", term: Term.make(term), snapshot, round })

export const snapshotTaken = (snapshot: Snapshot): Event => Event.SnapshotTaken({ snapshot })

export const snapshotFailed = (peer: string, index: number): Event =>
  Event.SnapshotFailed({ peer: NodeId.make(peer), index: LogIndex.make(index) })
