/**
 * One peer, as this node sees it. A link to it is two connections, one in each direction, that live
 * and die together: when one ends the other is closed, so no message of an old link is heard on a new
 * one. What is told to the node follows what stands, one step at a time, so that `Connected` and
 * `Disconnected` always come in pairs, however fast links come and go.
 */
import { Effect, Latch, Semaphore } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import { type OpenOptions, TransportEvent } from "../Transport.ts"
import { type Complaints, makeComplaints } from "./Complaints.ts"
import type { Connection } from "./Connection.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import type { Introduction } from "./Handshake.ts"

/** `outbound` was dialed by this node, which speaks on it; on `inbound` it listens. */
export type Direction = "inbound" | "outbound"

export interface Link extends Readonly<Record<Direction, Connection>>, Introduction {}

export interface Peer {
  readonly id: NodeId
  readonly complaints: Complaints
  /** Opens when the peer has reached this node: then this node can reach the peer, and need not wait. */
  readonly reached: Latch.Latch
  /** The link that stands now, or null. */
  readonly link: () => Link | null
  readonly isHeard: () => boolean
  /** A direction stands, both sides having admitted each other. `greet` is done before anything else is sent. */
  readonly stand: (
    direction: Direction,
    connection: Connection,
    introduction: Introduction,
    greet?: () => void
  ) => void
  readonly fall: (direction: Direction, connection: Connection, why: ConnectionEnded) => void
  /** Delivers what a connection has brought, if it is part of the link. */
  readonly receive: (inbound: Connection, messages: ReadonlyArray<PeerMessage>) => Effect.Effect<void>
  /** Delivers an event outside of any link. */
  readonly tell: (event: TransportEvent) => Effect.Effect<void>
  /** Ends what stands. On a peer that is let go nothing will stand, until it is dialed anew. */
  readonly hangUp: (why: "let-go" | "moved") => void
}

export interface PeerOptions {
  readonly deliver: OpenOptions["deliver"]
  /** Runs what tells the node: whoever dials or listens may be stopped, and what is to be told is told all the same. */
  readonly run: (telling: Effect.Effect<void>) => void
  /** Called when it has been let go and the node knows. */
  readonly forget: () => void
}

export const makePeer = (id: NodeId, options: PeerOptions): Peer => {
  const standing: Standing = { inbound: null, outbound: null, link: null, told: null, why: null, isGone: false }
  const complaints = makeComplaints()
  const reached = Latch.makeUnsafe()
  const { isFree, turn } = makeTurns()
  const tellChanges = tellChangesOf(id, standing, options)
  const pass = (inbound: Connection, messages: ReadonlyArray<PeerMessage>): Effect.Effect<void> =>
    standing.link?.inbound === inbound
      ? options.deliver({ _tag: "Received", peer: id, messages })
      : Effect.void
  const announce = announcer((telling) => options.run(turn(telling)), tellChanges)
  return {
    id,
    complaints,
    reached,
    link: () => standing.link,
    isHeard: () => standing.inbound !== null,
    stand: (direction, connection, introduction, greet) => {
      if (standing.isGone) return connection.close("let-go")
      end(standing, direction, replaced)
      standing[direction] = connection
      const { inbound, outbound } = standing
      if (inbound !== null && outbound !== null) {
        standing.link = { inbound, outbound, ...introduction }
        complaints.forget()
      }
      greet?.()
      if (direction === "inbound") reached.openUnsafe()
      announce()
    },
    fall: (direction, connection, why) => {
      if (standing[direction] === connection) end(standing, direction, why)
      announce()
    },
    // The fiber that tells of the link may not have had its turn yet. As a rule there is nothing to tell.
    receive: (inbound, messages) =>
      Effect.suspend(() =>
        isFree() && standing.told === standing.link
          ? pass(inbound, messages)
          : turn(Effect.andThen(tellChanges, Effect.suspend(() => pass(inbound, messages))))
      ),
    tell: (event) => turn(options.deliver(event)),
    hangUp: (reason) => {
      const why = new ConnectionEnded({ reason })
      standing.isGone = reason === "let-go"
      end(standing, "inbound", why)
      end(standing, "outbound", why)
      announce()
    }
  }
}

/** What tells the node takes turns. */
const makeTurns = () => {
  const { withPermit } = Semaphore.makeUnsafe(1)
  let taken = 0
  const give = Effect.sync(() => {
    taken -= 1
  })
  return {
    isFree: () => taken === 0,
    turn: (telling: Effect.Effect<void>): Effect.Effect<void> =>
      Effect.suspend(() => {
        taken += 1
        return Effect.ensuring(withPermit(telling), give)
      })
  }
}

interface Standing extends Record<Direction, Connection | null> {
  link: Link | null
  /** The link that the node was last told of and has not been told the end of. */
  told: Link | null
  /** What ended the last link. */
  why: ConnectionEnded | null
  isGone: boolean
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

/** One that waits for its turn tells all there is by then, so there is never more than one that waits. */
const announcer = (run: PeerOptions["run"], tellChanges: Effect.Effect<void>): () => void => {
  let isWaiting = false
  const started = Effect.sync(() => {
    isWaiting = false
  })
  return () => {
    if (isWaiting) return
    isWaiting = true
    run(Effect.andThen(started, tellChanges))
  }
}

const tellChangesOf = Effect.fnUntraced(function*(id: NodeId, standing: Standing, { deliver, forget }: PeerOptions) {
  while (standing.told !== standing.link) {
    const { link, told, why } = standing
    standing.told = told === null ? link : null
    if (told !== null) {
      yield* Effect.annotateLogs(Effect.logInfo("Lost the link to a peer"), { peer: id, reason: why?.message })
      yield* deliver(TransportEvent.Disconnected({ peer: id }))
    } else if (link !== null) {
      const { hello, version } = link
      yield* Effect.annotateLogs(Effect.logInfo("Linked to a peer"), { peer: id, version: hello.version })
      yield* deliver(TransportEvent.Connected({ peer: id, hello, version }))
    }
  }
  if (standing.isGone) forget()
})
