/**
 * What this node says to a peer: one frame and one write for one call. What cannot go out is dropped:
 * Raft lives with loss, and not with a node that waits for one of its peers.
 */
import { Effect } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import type { Connection } from "./Connection.ts"
import { bodyBytesMax, encodeFrame, frameHeaderBytes } from "./Frame.ts"
import type { Peer } from "./Peer.ts"
import type { Version } from "./versions/Version.ts"

/** What may wait in this process for a peer that does not read. */
const backlogBytesMax = 8 * 1024 * 1024

type Messages = ReadonlyArray<PeerMessage>

/** Never waits: drops what would make the backlog too long. */
export const offer = (peer: Peer, messages: Messages): Effect.Effect<void> =>
  say(peer, messages, (connection, known) => {
    if (connection.backlogBytes() >= backlogBytesMax) return complainOfLoss(peer)
    const isAllSaid = framesOf(connection, known).every((bytes) => writeWithin(connection, bytes))
    return isAllSaid ? Effect.void : complainOfLoss(peer)
  })

/** Waits while the connection is congested. What was meant for a link that has ended meanwhile is dropped with it. */
export const send = (peer: Peer, messages: Messages): Effect.Effect<void> => say(peer, messages, writeInTime)

/** Never waits, and returns those to whom nothing has gone because they do not keep up or their version lacks words. */
export const write = (
  peers: ReadonlyArray<readonly [NodeId, Peer | undefined]>,
  messages: Messages
): ReadonlyArray<NodeId> => {
  const encoded = new Map<Version, ReadonlyArray<Uint8Array>>()
  const left: Array<NodeId> = []
  for (const [id, peer] of peers) {
    const connection = peer?.link()?.outbound
    if (connection === undefined) continue
    const version = connection.version()
    if (connection.isCongested() || !messages.every(version.knows)) left.push(id)
    else for (const bytes of framesIn(encoded, connection, messages)) connection.write(bytes)
  }
  return left
}

const framesIn = (
  encoded: Map<Version, ReadonlyArray<Uint8Array>>,
  connection: Connection,
  messages: Messages
): ReadonlyArray<Uint8Array> => {
  const frames = encoded.get(connection.version()) ?? framesOf(connection, messages)
  encoded.set(connection.version(), frames)
  return frames
}

/** Says what the version of the link has words for. The rest is for newer nodes, which an older one can do without. */
const say = (
  peer: Peer,
  messages: Messages,
  write: (connection: Connection, known: Messages) => Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const connection = peer.link()?.outbound
    if (connection === undefined || messages.length === 0) return Effect.void
    const { knows } = connection.version()
    if (messages.every(knows)) return write(connection, messages)
    const known = messages.filter(knows)
    const complaint = complainOfVersion(peer, messages.find((message) => !knows(message)))
    return known.length === 0 ? complaint : Effect.andThen(complaint, write(connection, known))
  })

const writeInTime = (connection: Connection, messages: Messages): Effect.Effect<void> =>
  Effect.suspend(() => {
    // Whoever else has waited may have written first.
    if (connection.isCongested()) return Effect.andThen(connection.drained, writeInTime(connection, messages))
    for (const bytes of framesOf(connection, messages)) connection.write(bytes)
    return Effect.void
  })

// A frame that is longer than the limit by itself still goes out when nothing waits before it.
const writeWithin = (connection: Connection, bytes: Uint8Array): boolean => {
  const backlog = connection.backlogBytes()
  if (backlog > 0 && backlog + bytes.length > backlogBytesMax) return false
  connection.write(bytes)
  return true
}

/** Usually one frame; messages that do not fit into one together are halved until they do. */
const framesOf = (connection: Connection, messages: Messages): ReadonlyArray<Uint8Array> => {
  const bytes = encodeFrame({ _tag: "Messages", messages }, connection.version())
  if (bytes.length <= frameHeaderBytes + bodyBytesMax) return [bytes]
  if (messages.length === 1) {
    throw new Error(`a message to a peer fits into a frame: ${bytes.length} bytes do not`)
  }
  const half = Math.ceil(messages.length / 2)
  return [...framesOf(connection, messages.slice(0, half)), ...framesOf(connection, messages.slice(half))]
}

const complainOfVersion = (peer: Peer, message: PeerMessage | undefined): Effect.Effect<void> => {
  const kind = message?._tag === "Raft" ? message.message._tag : message?._tag
  const log = Effect.logInfo("Leaving out messages that a peer of an older version does not know")
  return peer.complaints.about(`version ${kind}`, "unknown", Effect.annotateLogs(log, { peer: peer.id, kind }))
}

const complainOfLoss = (peer: Peer): Effect.Effect<void> =>
  peer.complaints.about(
    "loss",
    "congested",
    Effect.annotateLogs(Effect.logWarning("Dropping messages to a peer that does not keep up"), { peer: peer.id })
  )
