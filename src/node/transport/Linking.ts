/**
 * A `Transport` over any medium: a node dials every peer to speak to it, and listens to hear; a link
 * to a peer stands while both connections do. Whatever does not decode ends its connection and
 * disturbs nothing else.
 */
import { Effect } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import type { Links } from "../Transport.ts"
import type { LinkOptions } from "./Handshake.ts"
import { listen } from "./Listener.ts"
import * as Outflow from "./Outflow.ts"
import type { Peer } from "./Peer.ts"
import { makePeers, type Peers } from "./Peers.ts"
import type { Medium } from "./Wire.ts"

export const open = Effect.fnUntraced(function*(medium: Medium, options: LinkOptions) {
  const peers = yield* makePeers(medium, options)
  yield* listen(medium, options, peers)
  peers.set(options.peers)
  return {
    offer: toPeer(peers, Outflow.offer),
    send: toPeer(peers, Outflow.send),
    write: (to, messages) => Outflow.write(to.map((id) => [id, peers.get(id)]), messages),
    setPeers: (named) => Effect.sync(() => peers.set(named))
  } satisfies Links as Links
})

type Say = (peer: Peer, messages: ReadonlyArray<PeerMessage>) => Effect.Effect<void>

const toPeer = (peers: Peers, say: Say) => (to: NodeId, messages: ReadonlyArray<PeerMessage>): Effect.Effect<void> => {
  const peer = peers.get(to)
  return peer === undefined ? Effect.void : say(peer, messages)
}
