/**
 * What peers say about snapshots, and what their links mean for it.
 */
import { Effect } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import type { Shell } from "../Shell.ts"
import * as Fetching from "./Fetching.ts"
import * as Offering from "./Offering.ts"

export type SnapshotMessage = Extract<PeerMessage, { readonly _tag: `Snapshot${string}` }>

export const heed = (shell: Shell, from: NodeId, message: SnapshotMessage): Effect.Effect<void> => {
  switch (message._tag) {
    case "SnapshotOffer":
      return Fetching.begin(shell, from, message)
    case "SnapshotChunk":
      return Effect.sync(() => Fetching.take(shell, from, message))
    case "SnapshotWanted":
      return Effect.sync(() => Offering.want(shell, from, message))
    case "SnapshotEnded":
      return Effect.andThen(Offering.end(shell, from, message.checksum), Fetching.stop(shell, from))
  }
}

/** What has come stays on disk, and the next offer of the same file goes on from there. */
export const unlinked = (shell: Shell, peer: NodeId): Effect.Effect<void> => Fetching.stop(shell, peer)
