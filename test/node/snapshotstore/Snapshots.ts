/**
 * Snapshots for tests of their store, each told from the others by its index.
 */
import { Effect, Stream } from "effect"
import { randomBytes } from "node:crypto"
import type { SnapshotStore } from "../../../src/node/SnapshotStore.ts"
import { LogIndex, Term } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId, StoreId } from "../../../src/raft/Membership.ts"
import type { Snapshot } from "../../../src/raft/Snapshot.ts"

export const snapshotAt = (index: number, term = 1): Snapshot => ({
  index: LogIndex.make(index),
  term: Term.make(term),
  time: index * 10,
  configIndex: LogIndex.make(1),
  membership: {
    clusterId: ClusterId.make("cluster"),
    members: [{ nodeId: NodeId.make("n1"), raft: "127.0.0.1:9081", voter: true, storeId: StoreId.make("store") }]
  }
})

/** Pieces that name their snapshot. */
export const piecesOf = (index: number): ReadonlyArray<Uint8Array> =>
  [1, 2, 3].map((piece) => new TextEncoder().encode(`piece ${piece} of snapshot ${index}`))

export const largePieces: ReadonlyArray<Uint8Array> = Array.from({ length: 6 }, () => randomBytes(262_144))

export const writeAt = (store: SnapshotStore["Service"], index: number, pieces = piecesOf(index)) =>
  store.write(snapshotAt(index), Stream.fromIterable(pieces))

export const loaded = (store: SnapshotStore["Service"]) =>
  Effect.map(Stream.runCollect(store.pieces), (pieces) => pieces.map((piece) => new Uint8Array(piece)))
