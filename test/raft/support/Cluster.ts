/**
 * A few cores whose wire, disks and timers a test holds in its hands: messages lie on the wire until they
 * are delivered or dropped, timers fire when told, and a crash leaves what was synced.
 */
import type { Action, HardState } from "../../../src/raft/Action.ts"
import * as Compaction from "../../../src/raft/Compaction.ts"
import { LogIndex, Term } from "../../../src/raft/Entry.ts"
import { Event } from "../../../src/raft/Event.ts"
import { ClusterId, NodeId, type StoreId } from "../../../src/raft/Membership.ts"
import * as RaftCore from "../../../src/raft/RaftCore.ts"
import * as RaftLog from "../../../src/raft/RaftLog.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import * as RaftState from "../../../src/raft/RaftState.ts"
import type { Snapshot } from "../../../src/raft/Snapshot.ts"
import { entriesOf, type Group, membershipOf, namesOf, storeOf } from "./build.ts"

export interface Envelope {
  readonly from: string
  readonly to: string
  readonly message: RaftMessage
}

interface Disk {
  readonly storeId: StoreId
  readonly hardState: HardState
  readonly log: RaftLog.RaftLog
  readonly snapshot: Snapshot | null
  /** Its node was told no members, and asks to be let in as long as its log is empty. */
  readonly joins: boolean
}

/** Told of every step, before the next one. */
export type Observer = (before: RaftState.RaftState, after: RaftState.RaftState, actions: ReadonlyArray<Action>) => void

export interface ClusterOptions extends Group {
  /** Nodes that ask to be let in. They come last. */
  readonly joiners?: number
  /** The log that each node starts with, as terms; empty unless said. */
  readonly logs?: Readonly<Record<string, ReadonlyArray<number>>>
  readonly settings?: RaftState.Settings
  readonly observer?: Observer
}

export class Cluster {
  readonly names: ReadonlyArray<string>
  wire: Array<Envelope> = []
  readonly #options: ClusterOptions
  readonly #disks = new Map<string, Disk>()
  readonly #states = new Map<string, RaftState.RaftState>()
  readonly #cuts = new Set<string>()
  /** What a node whose disk is held has been asked and not done yet. */
  readonly #held = new Map<string, ReadonlyArray<Action>>()

  constructor(options: ClusterOptions = {}) {
    this.#options = options
    const configured = (options.voters ?? 3) + (options.learners ?? 0)
    this.names = namesOf(configured + (options.joiners ?? 0))
    for (const [at, name] of this.names.entries()) {
      const terms = options.logs?.[name] ?? []
      const hardState = { term: Term.make(terms.at(-1) ?? 0), votedFor: null }
      const log = RaftLog.fromEntries(entriesOf(terms, options))
      this.#disks.set(name, { storeId: storeOf(name), hardState, log, snapshot: null, joins: at >= configured })
    }
  }

  state(name: string): RaftState.RaftState {
    const state = this.#states.get(name)
    if (!state) throw new Error(`${name} is down`)
    return state
  }

  isUp(name: string): boolean {
    return this.#states.has(name)
  }

  /** A node that waits for its disk hears nothing meanwhile. */
  isWaiting(name: string): boolean {
    return (this.#held.get(name) ?? []).length > 0
  }

  terms(name: string): ReadonlyArray<number> {
    const { log } = this.state(name)
    return RaftLog.slice(log, LogIndex.make(1), log.lastIndex).map(({ term }) => term)
  }

  /** Starts these nodes from their disks, and connects them with each other and with who is up. */
  start(...names: ReadonlyArray<string>): this {
    for (const name of names) this.#states.set(name, this.#initial(name))
    for (const name of names) for (const peer of this.names) this.connect(name, peer)
    return this
  }

  /** Loses what was not synced, and what was on the wire from and to the node. */
  crash(name: string): void {
    this.#states.delete(name)
    this.#held.delete(name)
    this.drop((envelope) => envelope.from === name || envelope.to === name)
    for (const peer of this.names) this.#lose(peer, name)
  }

  /** The disk of a node that is down is replaced by an empty one. */
  wipe(name: string, storeId: StoreId, joins = false): void {
    const hardState = { term: Term.make(0), votedFor: null }
    this.#disks.set(name, { storeId, hardState, log: RaftLog.empty(), snapshot: null, joins })
  }

  connect(a: string, b: string): void {
    if (a === b || !this.isUp(a) || !this.isUp(b) || this.#cuts.has(link(a, b)) || this.#isLinked(a, b)) return
    const [helloOfA, helloOfB] = [this.#hello(a), this.#hello(b)]
    this.feed(a, helloOfB)
    this.feed(b, helloOfA)
  }

  /** Cuts both directions. A clean cut is noticed on both sides; else messages are lost without a sign. */
  cut(a: string, b: string, isClean: boolean): void {
    this.#cuts.add(link(a, b))
    this.drop((envelope) => link(envelope.from, envelope.to) === link(a, b))
    if (!isClean) return
    this.#lose(a, b)
    this.#lose(b, a)
  }

  mend(a: string, b: string): void {
    if (this.#cuts.delete(link(a, b))) this.connect(a, b)
  }

  timeout(name: string): void {
    this.feed(name, Event.ElectionTimedOut({ arming: this.state(name).arming }))
  }

  silent(name: string): void {
    this.feed(name, Event.LeaderSilent({ arming: this.state(name).arming }))
  }

  heartbeat(name: string): void {
    this.feed(name, Event.HeartbeatDue({ term: this.state(name).term }))
  }

  checkQuorum(name: string): void {
    this.feed(name, Event.QuorumCheckDue({ term: this.state(name).term }))
  }

  /** The node has a durable snapshot of all that is committed. */
  snapshot(name: string): void {
    const state = this.state(name)
    const snapshot = Compaction.snapshotAt(state, state.commitIndex)
    this.#disks.set(name, { ...this.#disks.get(name)!, snapshot })
    this.feed(name, Event.SnapshotTaken({ snapshot }))
  }

  failSnapshot(name: string, peer: string): void {
    const { index } = this.state(name).snapshot!
    this.feed(name, Event.SnapshotFailed({ peer: NodeId.make(peer), index }))
  }

  /** What this node does next is under way to its disk until `sync`. */
  hold(name: string): void {
    this.#held.set(name, [])
  }

  sync(name: string): void {
    const held = this.#held.get(name)
    this.#held.delete(name)
    if (held) this.#finish(name, held)
  }

  /** Delivers what is on the wire now, not what comes of it. */
  deliver(isMeant: (envelope: Envelope) => boolean = () => true): ReadonlyArray<Envelope> {
    const delivered = this.wire.filter((envelope) => isMeant(envelope) && !this.isWaiting(envelope.to))
    this.wire = this.wire.filter((envelope) => !delivered.includes(envelope))
    for (const { from, message, to } of delivered) {
      if (this.isUp(to)) this.feed(to, Event.Received({ from: NodeId.make(from), message }))
    }
    return delivered
  }

  /** Delivers until nothing is on its way. */
  settle(isMeant: (envelope: Envelope) => boolean = () => true): void {
    for (let rounds = 0; this.deliver(isMeant).length > 0; rounds++) {
      if (rounds > 1000) throw new Error("the nodes answer each other without end")
    }
  }

  drop(isMeant: (envelope: Envelope) => boolean): ReadonlyArray<Envelope> {
    const dropped = this.wire.filter((envelope) => isMeant(envelope))
    this.wire = this.wire.filter((envelope) => !dropped.includes(envelope))
    return dropped
  }

  feed(name: string, event: Event): void {
    const before = this.state(name)
    const [after, actions] = RaftCore.step(before, event)
    this.#states.set(name, after)
    this.#options.observer?.(before, after, actions)
    this.#post(name, actions, "Send", "SendSnapshot")
    if (this.#held.has(name)) this.#held.set(name, actions)
    else this.#finish(name, actions)
  }

  /** Writes, syncs, lets go of what waited for that, and tells the core. */
  #finish(name: string, actions: ReadonlyArray<Action>): void {
    const before = this.#disks.get(name)!
    const disk = actions.reduce(written, before)
    this.#disks.set(name, disk)
    this.#post(name, actions, "SendAfterSync")
    const { log, term } = this.state(name)
    if (disk.log !== before.log) this.feed(name, Event.Persisted({ term, index: log.lastIndex }))
  }

  /** The bytes of a snapshot are on the wire as one message. */
  #post(from: string, actions: ReadonlyArray<Action>, ...tags: ReadonlyArray<Action["_tag"]>): void {
    for (const action of actions) {
      if (
        !("message" in action) || !tags.includes(action._tag) || this.#cuts.has(link(from, action.to)) ||
        !this.isUp(action.to)
      ) continue
      this.wire.push({ from, to: action.to, message: action.message })
    }
  }

  #isLinked(a: string, b: string): boolean {
    return this.state(a).links.has(NodeId.make(b)) && this.state(b).links.has(NodeId.make(a))
  }

  #lose(name: string, peer: string): void {
    if (!this.isUp(name) || !this.state(name).links.has(NodeId.make(peer))) return
    this.feed(name, Event.PeerDisconnected({ peer: NodeId.make(peer) }))
  }

  #hello(name: string): Event {
    const { log, self, storeId } = this.state(name)
    const hasEntries = log.lastIndex > 0
    const joins = this.#disks.get(name)!.joins && !hasEntries ? `${name}:9081` : null
    return Event.PeerConnected({ peer: self, storeId, hasEntries, joins, takesOver: true })
  }

  #initial(name: string): RaftState.RaftState {
    const { hardState, joins, log, snapshot, storeId } = this.#disks.get(name)!
    const { settings } = this.#options
    return RaftState.initial({
      self: NodeId.make(name),
      storeId,
      clusterIdToMint: ClusterId.make(`minted-by-${name}`),
      initialMembers: joins ? [] : membershipOf({ ...this.#options, recorded: [] }).members,
      hardState,
      start: log.start,
      entries: RaftLog.slice(log, LogIndex.make(1), log.lastIndex),
      snapshot,
      ...(settings ? { settings } : {})
    })
  }
}

/** The disk after one action. */
const written = (disk: Disk, action: Action): Disk => {
  switch (action._tag) {
    case "PersistHardState":
      return { ...disk, hardState: action.hardState }
    case "PersistEntries": {
      const kept = RaftLog.truncateAfter(disk.log, LogIndex.make(action.entries[0]!.index - 1))
      return { ...disk, log: RaftLog.append(kept, action.entries) }
    }
    case "InstallSnapshot":
      return { ...disk, snapshot: action.snapshot, log: action.keepsLog ? disk.log : RaftLog.empty(action.snapshot) }
    case "CompactLog":
      return { ...disk, log: RaftLog.compact(disk.log, action.to) }
    default:
      return disk
  }
}

const link = (a: string, b: string): string => a < b ? `${a} ${b}` : `${b} ${a}`
