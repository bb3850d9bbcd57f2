/**
 * Whom a node talks to: the peers that it has been told of, and a few that nobody has named and that
 * were admitted all the same because they ask to join. Each is dialed for as long as it is a peer.
 * One that is let go is remembered until the node has been told of the end of its link, so that a peer
 * that comes back at once is the same one, and its events stay in order.
 */
import { Effect, type Fiber, FiberSet, Option } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import { formatAddress, parseAddress } from "../config/Peers.ts"
import type { Address, Hello, Refusal } from "../Transport.ts"
import { keepDialing } from "./Dialer.ts"
import type { LinkOptions } from "./Handshake.ts"
import { makePeer, type Peer } from "./Peer.ts"
import type { Medium } from "./Wire.ts"

export interface Peers {
  /** A peer, unless it has been let go. */
  readonly get: (id: NodeId) => Peer | undefined
  /** Names the peers from now on. */
  readonly set: (named: ReadonlyMap<NodeId, Address>) => void
  /** Why whoever says this hello is no peer and cannot become one, or null. */
  readonly obstacle: (hello: Hello) => Refusal | null
  /** Makes a peer of one that nobody has named, and that has no obstacle. */
  readonly join: (hello: Hello) => Peer
  /** A connection from a peer has ended: one that nobody has named is let go, unless there is a newer one. */
  readonly leave: (peer: Peer) => void
}

/** Nodes that ask to join, at any one time: they come one by one, and each costs a fiber and dials. */
const unnamedMax = 16

interface Entry {
  readonly peer: Peer
  address: string
  isNamed: boolean
  /** Null once it has been let go. */
  dialing: Fiber.Fiber<unknown> | null
}

export const makePeers = Effect.fnUntraced(function*(medium: Medium, options: LinkOptions) {
  const run = yield* FiberSet.makeRuntime<never>()
  const entries = new Map<NodeId, Entry>()
  const entryOf = (id: NodeId): Entry => entries.get(id) ?? add(id)
  const add = (id: NodeId): Entry => {
    const forget = () => {
      if (entries.get(id) === entry) entries.delete(id)
    }
    const peer = makePeer(id, { deliver: options.deliver, run, forget })
    const entry: Entry = { peer, address: "", isNamed: false, dialing: null }
    entries.set(id, entry)
    return entry
  }
  const dial = (entry: Entry, address: Address): void => {
    const written = formatAddress(address)
    if (entry.dialing !== null && entry.address === written) return
    hangUp(entry, "moved")
    entry.address = written
    entry.dialing = run(keepDialing(medium, entry.peer, address, options))
  }
  const get = (id: NodeId): Peer | undefined => {
    const entry = entries.get(id)
    return entry?.dialing ? entry.peer : undefined
  }
  return {
    get,
    set: (named) => {
      for (const [id, entry] of entries) if (entry.isNamed && !named.has(id)) letGo(entry)
      for (const [id, address] of named) {
        if (id === options.self) continue
        const entry = entryOf(id)
        entry.isNamed = true
        dial(entry, address)
      }
    },
    obstacle: (hello) => get(hello.nodeId) === undefined ? obstacleTo(options.self, hello, entries) : null,
    join: (hello) => {
      const entry = entryOf(hello.nodeId)
      dial(entry, Option.getOrThrow(parseAddress(hello.raft)))
      return entry.peer
    },
    leave: (peer) => {
      const entry = entries.get(peer.id)
      if (entry?.peer === peer && !entry.isNamed && !peer.isHeard()) letGo(entry)
    }
  } satisfies Peers as Peers
})

const hangUp = (entry: Entry, why: "moved" | "let-go"): void => {
  entry.dialing?.interruptUnsafe()
  entry.dialing = null
  entry.peer.hangUp(why)
}

const letGo = (entry: Entry): void => {
  entry.isNamed = false
  hangUp(entry, "let-go")
}

const obstacleTo = (self: NodeId, { nodeId, raft }: Hello, entries: ReadonlyMap<NodeId, Entry>): Refusal | null => {
  const unnamed = [...entries.values()].filter(({ isNamed }) => !isNamed)
  if (nodeId === self) return unknown(`${nodeId} is the name of the node that it has dialed`)
  if (Option.isNone(parseAddress(raft))) return unknown(`${nodeId} is no peer of this node, and gives no address`)
  return unnamed.length < unnamedMax ? null : unknown(`${nodeId} is no peer of this node, and too many ask to join`)
}

const unknown = (message: string): Refusal => ({ reason: "unknown-node", message })
