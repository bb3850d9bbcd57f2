/**
 * One peer, as this node sees it. A link to it is two connections, one in each direction, that live
 * and die together: when one ends the other is closed, so no message of an old link is heard on a new
 * one. What is told to the node follows what stands, one step at a time, so that `Connected` and
 * `Disconnected` always come in pairs, however fast links come and go.
 */
import { Effect, Latch, Semaphore } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { PeerMessage } from "../PeerMessage.ts"
import { type Address, type Hello, type OpenOptions, TransportEvent } from "../Transport.ts"
import { type Complaints, makeComplaints } from "./Complaints.ts"
import type { Connection } from "./Connection.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"

/** `outbound` was dialed by this node, which speaks on it; on `inbound` it listens. */
export type Direction = "inbound" | "outbound"

export interface Link extends Readonly<Record<Direction, Connection>> {
  readonly hello: Hello
}

export interface Peer {
  readonly id: NodeId
  readonly address: Address
  readonly complaints: Complaints
  /** Opens when the peer has reached this node: then this node can reach the peer, and need not wait. */
  readonly reached: Latch.Latch
  /** The link that stands now, or null. */
  readonly link: () => Link | null
  /** A direction stands, both sides having admitted each other. `greet` is done before anything else is sent. */
  readonly stand: (
    direction: Direction,
    connection: Connection,
    hello: Hello,
    greet?: () => void
  ) => Effect.Effect<void>
  readonly fall: (direction: Direction, connection: Connection, why: ConnectionEnded) => Effect.Effect<void>
  /** Delivers what a connection has brought, if it is part of the link. */
  readonly receive: (inbound: Connection, messages: ReadonlyArray<PeerMessage>) => Effect.Effect<void>
  /** Delivers an event outside of any link. */
  readonly tell: (event: TransportEvent) => Effect.Effect<void>
}

export const makePeer = (id: NodeId, address: Address, deliver: OpenOptions["deliver"]): Peer => {
  const standing: Standing = { inbound: null, outbound: null, link: null, told: null, why: null }
  const complaints = makeComplaints()
  const reached = Latch.makeUnsafe()
  const turn = Semaphore.makeUnsafe(1).withPermit
  const tellChanges = tellChangesOf(id, standing, deliver)
  return {
    id,
    address,
    complaints,
    reached,
    link: () => standing.link,
    stand: (direction, connection, hello, greet) =>
      Effect.suspend(() => {
        end(standing, direction, replaced)
        standing[direction] = connection
        const { inbound, outbound } = standing
        if (inbound !== null && outbound !== null) {
          standing.link = { inbound, outbound, hello }
          complaints.forget()
        }
        greet?.()
        const announce = turn(tellChanges)
        return direction === "inbound" ? Effect.andThen(reached.open, announce) : announce
      }),
    fall: (direction, connection, why) =>
      Effect.suspend(() => {
        if (standing[direction] === connection) end(standing, direction, why)
        return turn(tellChanges)
      }),
    // The fiber that has made the link may have paused before it told of it.
    receive: (inbound, messages) =>
      turn(Effect.andThen(
        tellChanges,
        Effect.suspend(() =>
          standing.link?.inbound === inbound ? deliver(TransportEvent.Received({ peer: id, messages })) : Effect.void
        )
      )),
    tell: (event) => turn(deliver(event))
  }
}

interface Standing extends Record<Direction, Connection | null> {
  link: Link | null
  /** The link that the node was last told of and has not been told the end of. */
  told: Link | null
  /** What ended the last link. */
  why: ConnectionEnded | null
}

const replaced = new ConnectionEnded({ reason: "replaced" })

const end = (standing: Standing, direction: Direction, why: ConnectionEnded): void => {
  standing[direction]?.close(why.reason)
  standing[direction] = null
  if (standing.link === null) return
  const other = direction === "inbound" ? "outbound" : "inbound"
  standing.link[other].close("halved")
  standing[other] = null
  standing.link = null
  standing.why = why
}

const tellChangesOf = Effect.fnUntraced(function*(id: NodeId, standing: Standing, deliver: OpenOptions["deliver"]) {
  while (standing.told !== standing.link) {
    const { link, told, why } = standing
    standing.told = told === null ? link : null
    if (told !== null) {
      yield* Effect.annotateLogs(Effect.logInfo("Lost the link to a peer"), { peer: id, reason: why?.message })
      yield* deliver(TransportEvent.Disconnected({ peer: id }))
    } else if (link !== null) {
      yield* Effect.annotateLogs(Effect.logInfo("Linked to a peer"), { peer: id, version: link.hello.version })
      yield* deliver(TransportEvent.Connected({ peer: id, hello: link.hello }))
    }
  }
})
