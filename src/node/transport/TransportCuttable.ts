/**
 * A transport whose links can be cut on purpose (see `LinkCuts`). A peer that is cut off is not dialed, and one that
 * dials waits in vain: as over a network that swallows everything. Without cuts it is the transport below, unchanged.
 */
import { Effect, Layer, Queue } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import { type Address, type OpenOptions, Transport } from "../Transport.ts"
import { LinkCuts } from "./LinkCuts.ts"

type Peers = ReadonlyMap<NodeId, Address>

export const layer = Layer.effect(
  Transport,
  Effect.gen(function*() {
    const below = yield* Transport
    const cuts = yield* LinkCuts
    const reached = (peers: Peers): Peers => new Map([...peers].filter(([id]) => !cuts.now().has(id)))
    return Transport.of({
      open: Effect.fnUntraced(function*(options: OpenOptions) {
        let named = options.peers
        const links = yield* below.open({
          ...options,
          peers: reached(named),
          admit: (hello, hasLetIn) => cuts.now().has(hello.nodeId) ? Effect.never : options.admit(hello, hasLetIn)
        })
        const changes = yield* Queue.sliding<void>(1)
        cuts.onChange(() => Queue.offerUnsafe(changes, undefined))
        const follow = Effect.andThen(Queue.take(changes), Effect.suspend(() => links.setPeers(reached(named))))
        yield* Effect.forkScoped(Effect.forever(follow))
        return {
          ...links,
          setPeers: (peers) => {
            named = peers
            return links.setPeers(reached(peers))
          }
        }
      })
    })
  })
)
