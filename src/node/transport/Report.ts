/**
 * What the log, and the node, hear of connections that did not go as they should: one line each, and
 * for what repeats itself at every dial one line each time it changes. No line repeats what the other
 * side has sent, except the name it gives itself and the reason it gives for a refusal.
 */
import { Effect } from "effect"
import { formatAddress } from "../config/Peers.ts"
import { type Address, TransportEvent } from "../Transport.ts"
import type { Complaints } from "./Complaints.ts"
import type { ConnectionEnded } from "./ConnectionEnded.ts"
import type { TurnedAway } from "./Handshake.ts"
import type { Peer } from "./Peer.ts"

type Annotations = Readonly<Record<string, unknown>>

/** A connection has ended. When it was the other side's fault, somebody should know. */
export const ended = (why: ConnectionEnded, annotations: Annotations): Effect.Effect<void> =>
  Effect.annotateLogs(
    why.isFault ? Effect.logWarning("Closed a connection") : Effect.logDebug("A connection has ended"),
    { ...annotations, reason: why.message }
  )

/** A peer was dialed and no connection came of it. */
export const unreachable = (peer: Peer, address: Address, why: ConnectionEnded): Effect.Effect<void> => {
  const log = why.isFault ? Effect.logWarning("A peer does not answer as one") : Effect.logInfo("Cannot reach a peer")
  const annotations = { peer: peer.id, address: formatAddress(address), reason: why.message }
  return peer.complaints.about("dial", why.message, Effect.annotateLogs(log, annotations))
}

/** One side has refused the other. When it was the peer, the node is told. */
export const turnedAway = (
  { by, peer: name, refusal }: TurnedAway,
  peer: Peer | null | undefined,
  strangers: Complaints,
  annotations: Annotations
): Effect.Effect<void> => {
  const log = Effect.logWarning(by === "us" ? "Turned a node away" : "A peer turns this node away")
  const about = { ...annotations, peer: name, reason: refusal.reason, detail: refusal.message }
  const complaint = (peer?.complaints ?? strangers).about(`${by} ${name}`, `${about.reason}: ${about.detail}`, log)
  const complain = Effect.annotateLogs(complaint, about)
  return by === "peer" && peer
    ? Effect.andThen(complain, peer.tell(TransportEvent.Refused({ peer: peer.id, refusal })))
    : complain
}
