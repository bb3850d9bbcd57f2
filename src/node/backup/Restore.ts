/**
 * Makes the data directory of a new cluster's only node out of a backup; further nodes join it.
 *
 * It is a cluster of its own: another cluster id, its own store, every session ended. What is in the directory already
 * is never touched, but for what a restore has left that was cut short: no node starts on that, and it is begun anew.
 */
import { Effect, FileSystem, Layer, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import type { AfterRestore } from "../../lock/AfterRestore.ts"
import type { LockTable } from "../../lock/LockTable.ts"
import { ClusterId, type NodeId } from "../../raft/Membership.ts"
import { fileFault } from "../config/FileFault.ts"
import { LogStore } from "../LogStore.ts"
import { attempt } from "../logstore/Foreign.ts"
import * as LogStoreSqlite from "../logstore/LogStoreSqlite.ts"
import * as Unfinished from "../logstore/Unfinished.ts"
import { SnapshotStore } from "../SnapshotStore.ts"
import * as SnapshotStoreFile from "../snapshotstore/SnapshotStoreFile.ts"
import { type Backup, BackupRefused, renew } from "./Backup.ts"

export interface Options {
  readonly nodeId: NodeId
  /** Where its Raft port will be, `host:port`. */
  readonly raft: string
  readonly dataDir: string
  readonly tokensAbove: number
  readonly grantNow: boolean
}

export interface Restored extends AfterRestore {
  readonly clusterId: ClusterId
}

export const restore = Effect.fnUntraced(function*(backup: Backup, options: Options) {
  const { dataDir, grantNow, tokensAbove } = options
  yield* refuseContent(dataDir)
  const facts = yield* renew(backup, { time: 0, tokensAbove, grantNow })
  const clusterId = yield* mintClusterId
  yield* attempt(dataDir, () => Unfinished.mark(dataDir))
  yield* Effect.provide(write(backup, clusterId, options), storesIn(options))
  return { ...facts, clusterId } satisfies Restored
})

const nothing: Array<string> = []

const refuseContent = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* fs.readDirectory(dataDir).pipe(
    Effect.catchIf(({ reason }) => reason._tag === "NotFound", () => Effect.succeed(nothing)),
    Effect.mapError((error) => new BackupRefused({ message: `${dataDir} cannot be used: ${fileFault(error)}` }))
  )
  if (names.includes(Unfinished.name)) return
  const found = names.find((name) => name !== "lost+found")
  if (found !== undefined) {
    const message = `${dataDir} is not empty: it holds ${found}. Nothing was touched; choose another directory.`
    return yield* new BackupRefused({ message })
  }
})

const mintClusterId = Effect.gen(function*() {
  const random = yield* SecureRandom.SecureRandom
  return ClusterId.make(Hex.encode(yield* random.randomBytes(16)))
})

const storesIn = ({ dataDir, nodeId }: Options) =>
  SnapshotStoreFile.layer({ dataDir }).pipe(
    Layer.provideMerge(
      LogStoreSqlite.layer({ dataDir, nodeId, prepare: attempt(dataDir, () => Unfinished.clear(dataDir)) })
    )
  )

/** The mark goes last of all, while the directory is still this process's. */
const write = Effect.fnUntraced(function*(backup: Backup, clusterId: ClusterId, { dataDir, nodeId, raft }: Options) {
  const log = yield* LogStore
  const snapshots = yield* SnapshotStore
  const { snapshot: { index, term }, table } = backup
  const members = [{ nodeId, raft, voter: true, storeId: log.recovered.storeId }]
  const position = { index, term, time: table.time }
  const snapshot = { ...position, configIndex: index, membership: { clusterId, members } }
  yield* snapshots.write(snapshot, piecesOf(table))
  yield* log.write({ hardState: { term, votedFor: null }, reset: position, entries: [] })
  yield* attempt(dataDir, () => Unfinished.unmark(dataDir))
})

const piecesOf = (table: LockTable) => {
  const reader = table.snapshot()
  return Stream.unfold(undefined, () =>
    Effect.sync(() => {
      const piece = reader.next()
      return piece === null ? undefined : [piece, undefined] as const
    }))
}
