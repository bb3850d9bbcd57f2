/**
 * A `Transport` over any medium: a node dials every peer to speak to it, and listens to hear; a link
 * to a peer stands while both connections do. Whatever does not decode ends its connection and
 * disturbs nothing else.
 */
import { Effect } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { PeerMessage } from "../PeerMessage.ts"
import type { OpenOptions } from "../Transport.ts"
import { keepDialing } from "./Dialer.ts"
import { listen } from "./Listener.ts"
import * as Outflow from "./Outflow.ts"
import { makePeer, type Peer } from "./Peer.ts"
import type { Medium } from "./Wire.ts"

export const open = Effect.fnUntraced(function*(medium: Medium, options: OpenOptions) {
  const peers = new Map(Array.from(options.peers, ([id, address]) => [id, makePeer(id, address, options.deliver)]))
  yield* listen(medium, options, peers)
  for (const peer of peers.values()) yield* Effect.forkScoped(keepDialing(medium, peer, options))
  return { offer: toPeer(peers, Outflow.offer), send: toPeer(peers, Outflow.send) }
})

type Say = (peer: Peer, messages: ReadonlyArray<PeerMessage>) => Effect.Effect<void>

const toPeer =
  (peers: ReadonlyMap<NodeId, Peer>, say: Say) =>
  (to: NodeId, messages: ReadonlyArray<PeerMessage>): Effect.Effect<void> => {
    const peer = peers.get(to)
    return peer === undefined ? Effect.void : say(peer, messages)
  }
