/**
 * Links between nodes, and what goes wrong on them: loss, repetition, delay (and with it reordering),
 * cuts in one direction or both, with the connection broken or left half-open.
 *
 * It is worse than TCP: it reorders and repeats on one connection, and delivers what an older connection
 * sent. One thing it keeps, as the transport does: nothing of a disk that was replaced arrives once the
 * new one is connected.
 */
import { Event } from "../../raft/Event.ts"
import type { NodeId, StoreId } from "../../raft/Membership.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import { memberOf, type RaftState } from "../../raft/RaftState.ts"
import type { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import { joins, judge } from "./Admission.ts"
import type { SimNode } from "./SimNode.ts"

type InstallSnapshot = Extract<RaftMessage, { _tag: "InstallSnapshot" }>

/** Two nodes, and the link between them while one stands. */
interface Pair {
  readonly a: SimNode
  readonly b: SimNode
  link: Link | undefined
}

interface Link {
  /** Which of them asked to be let in. */
  readonly joining: ReadonlySet<SimNode>
  /**
   * The memberships by which both were members when they were last looked at: as long as they stand, nothing changes.
   */
  settled: readonly [RaftState["configs"], RaftState["configs"]] | undefined
}

export class Network {
  sent = 0
  lost = 0
  repeated = 0
  transfersLost = 0
  isPerfect = false
  readonly #nodes: ReadonlyArray<SimNode>
  readonly #byId: ReadonlyMap<NodeId, SimNode>
  /** In the order in which they dial. */
  readonly #pairs: ReadonlyArray<Pair>
  readonly #scenario: Scenario
  readonly #schedule: Schedule
  readonly #rng: Rng
  /** A node has been told that it was removed. */
  readonly #dismissed: (node: SimNode) => void
  /** What each end has been told of: the link that stands, and the store that was last at its other end. */
  readonly #seen = new Map<number, Link>()
  readonly #stores = new Map<number, StoreId>()
  readonly #cuts = new Set<number>()

  constructor(
    context: {
      readonly nodes: ReadonlyArray<SimNode>
      readonly scenario: Scenario
      readonly schedule: Schedule
      readonly rng: Rng
      readonly dismissed: (node: SimNode) => void
    }
  ) {
    this.#nodes = context.nodes
    this.#byId = new Map(context.nodes.map((node) => [node.id, node]))
    this.#pairs = context.nodes.flatMap((a, at) => context.nodes.slice(at + 1).map((b) => ({ a, b, link: undefined })))
    this.#scenario = context.scenario
    this.#schedule = context.schedule
    this.#rng = context.rng
    this.#dismissed = context.dismissed
  }

  /** Dials whoever is not connected, again and again, and lets go of whoever is not admitted any more. */
  dial(): void {
    for (const pair of this.#pairs) if (!isSettled(pair)) this.#meet(pair)
    this.#schedule.after(25, () => this.dial())
  }

  #meet(pair: Pair): void {
    const { a, b, link } = pair
    if (!a.state || !b.state || this.#isCut(a, b) || this.#isCut(b, a)) return
    const asks = (node: SimNode): boolean => link ? link.joining.has(node) : joins(node)
    const verdicts = [judge(a.state, b, asks(b)), judge(b.state, a, asks(a))]
    if (verdicts.some((verdict) => verdict !== "admitted")) {
      this.#break(pair, a)
      // Each hears what the other thinks of it.
      if (verdicts[0] === "removed") this.#dismissed(b)
      if (verdicts[1] === "removed") this.#dismissed(a)
    } else if (!link) {
      this.#connect(pair)
    } else if (memberOf(a.state, b.id) && memberOf(b.state, a.id)) {
      link.settled = [a.state.configs, b.state.configs]
    }
  }

  send(from: SimNode, to: NodeId, message: RaftMessage): void {
    this.sent += 1
    const peer = this.#byId.get(to)!
    if (!this.#seen.has(way(from, peer)) || this.#isCut(from, peer)) {
      this.lost += 1
      return
    }
    const storeId = from.disk.storeId
    this.#deliver(from, storeId, peer, message)
    if (this.isPerfect || !this.#rng.chance(this.#scenario.duplicateRate)) return
    this.repeated += 1
    this.#deliver(from, storeId, peer, message)
  }

  /** The bytes of a snapshot take longer than a message. Whoever sends it is told when they do not get there. */
  sendSnapshot(from: SimNode, to: NodeId, message: InstallSnapshot): void {
    const peer = this.#byId.get(to)!
    const { life } = from
    const { storeId, stored } = from.disk
    const isLost = stored?.snapshot.index !== message.snapshot.index || !this.#seen.has(way(from, peer)) ||
      this.#isCut(from, peer) || (!this.isPerfect && this.#rng.chance(this.#scenario.transferLossRate))
    const copies = !isLost && !this.isPerfect && this.#rng.chance(this.#scenario.duplicateRate) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      this.#schedule.after(this.#delay() + this.#transferMillis(), () => {
        // Nobody is sent the bytes of a snapshot who has not been told of the link.
        const arrives = !isLost && this.#seen.has(way(peer, from)) && this.#hearsStore(peer, from, storeId)
        if (arrives) peer.receive(from.id, message, stored.image)
        else if (from.life === life) from.offer(Event.SnapshotFailed({ peer: to, index: message.snapshot.index }))
      })
    }
    if (isLost) this.transfersLost += 1
  }

  cut(from: SimNode, to: SimNode): void {
    this.#cuts.add(way(from, to))
    if (!this.#rng.chance(this.#scenario.halfOpenRate)) this.#break(this.#pairOf(from, to), from)
  }

  mend(a: SimNode, b: SimNode): void {
    this.#cuts.delete(way(a, b))
    this.#cuts.delete(way(b, a))
  }

  heal(): void {
    this.#cuts.clear()
  }

  /** The node is gone, and with it its connections. */
  crashed(node: SimNode): void {
    for (const peer of this.#nodes) {
      if (peer === node) continue
      this.#seen.delete(way(node, peer))
      this.#stores.delete(way(node, peer))
      const pair = this.#pairOf(node, peer)
      if (this.#rng.chance(this.#scenario.halfOpenRate)) pair.link = undefined
      else this.#break(pair, node)
    }
  }

  #deliver(from: SimNode, storeId: StoreId, to: SimNode, message: RaftMessage): void {
    if (!this.isPerfect && this.#rng.chance(this.#scenario.lossRate)) {
      this.lost += 1
      return
    }
    this.#schedule.after(this.#delay(), () => {
      // As a plain value: there is one for every message that arrives.
      if (this.#hearsStore(to, from, storeId)) to.offer({ _tag: "Received", from: from.id, message })
    })
  }

  /** Nothing of a disk that was replaced arrives once the new one is connected. */
  #hearsStore(self: SimNode, peer: SimNode, storeId: StoreId): boolean {
    return (this.#stores.get(way(self, peer)) ?? storeId) === storeId
  }

  #transferMillis(): number {
    return this.#rng.next() * (this.isPerfect ? 5 : this.#scenario.transferMillisMax)
  }

  #delay(): number {
    const max = this.isPerfect ? 2 : this.#scenario.delayMillisMax
    return this.#rng.next() * (!this.isPerfect && this.#rng.chance(this.#scenario.lateRate) ? lateMillisMax : max)
  }

  #isCut(from: SimNode, to: SimNode): boolean {
    return this.#cuts.has(way(from, to))
  }

  #pairOf(one: SimNode, other: SimNode): Pair {
    return this.#pairs.find(({ a, b }) => (a === one && b === other) || (a === other && b === one))!
  }

  #connect(pair: Pair): void {
    const { a, b } = pair
    const link: Link = { joining: new Set([a, b].filter(joins)), settled: undefined }
    pair.link = link
    for (const [self, peer] of [[a, b], [b, a]] as const) {
      const hello = {
        storeId: peer.disk.storeId,
        hasEntries: (peer.state?.log.lastIndex ?? 0) > 0,
        joins: link.joining.has(peer) ? `${peer.id}:9081` : null,
        takesOver: true
      }
      this.#schedule.after(this.#delay(), () => {
        if (pair.link !== link || !self.isUp) return
        this.#forget(self, peer)
        this.#seen.set(way(self, peer), link)
        this.#stores.set(way(self, peer), hello.storeId)
        self.offer(Event.PeerConnected({ peer: peer.id, ...hello }))
      })
    }
  }

  /** Both ends find out, each in its own time. */
  #break(pair: Pair, first: SimNode): void {
    const { link } = pair
    pair.link = undefined
    const second = pair.a === first ? pair.b : pair.a
    for (const [self, peer] of [[first, second], [second, first]] as const) {
      this.#schedule.after(this.#delay(), () => {
        if (link && this.#seen.get(way(self, peer)) === link) this.#forget(self, peer)
      })
    }
  }

  #forget(self: SimNode, peer: SimNode): void {
    if (this.#seen.delete(way(self, peer))) self.offer(Event.PeerDisconnected({ peer: peer.id }))
  }
}

/** Long enough to arrive terms later. */
const lateMillisMax = 1000

/** More than there are nodes. */
const stride = 64
const isSettled = ({ a, b, link }: Pair): boolean =>
  link?.settled !== undefined && link.settled[0] === a.state?.configs && link.settled[1] === b.state?.configs

const way = (from: SimNode, to: SimNode): number => from.at * stride + to.at
