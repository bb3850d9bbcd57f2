/**
 * A backup, read without a node: the file of a snapshot, verified piece by piece and as a whole, and the lock table
 * in it.
 */
import { Effect, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import type { AfterRestore, RestoreOptions } from "../../lock/AfterRestore.ts"
import { type LockTable, restoreLockTable } from "../../lock/LockTable.ts"
import { MalformedSnapshot } from "../../lock/snapshot/ByteReader.ts"
import type { Snapshot } from "../../raft/Snapshot.ts"
import { SnapshotStoreError } from "../SnapshotStore.ts"
import { readHeader, readPieces, type Source } from "../snapshotstore/Reader.ts"
import * as RealDisk from "../snapshotstore/RealDisk.ts"

/** Why nothing comes of a backup. `message` says what to do about it. */
export class BackupRefused extends Schema.TaggedError<BackupRefused>()("BackupRefused", { message: Schema.String }) {}

export interface Backup {
  readonly path: string
  readonly bytes: number
  readonly snapshot: Snapshot
  /** The release that has written it. */
  readonly release: string
  readonly table: LockTable
}

const advice = "Use another backup"

export const read = Effect.fnUntraced(function*(path: string) {
  const source = yield* open(path)
  const { header: { release, snapshot } } = yield* readHeader(source)
  return { path, bytes: source.bytes(), snapshot, release, table: yield* readTable(source) } satisfies Backup
}, Effect.scoped)

/** Reads all of a file that has just been written, and keeps nothing. */
export const verify = Effect.fnUntraced(function*(path: string) {
  const source = yield* open(path, "Save it again")
  const { header: { snapshot } } = yield* readHeader(source)
  yield* Stream.runDrain(readPieces(source))
  return { snapshot, bytes: source.bytes() }
}, Effect.scoped)

/** The words of a store would tell to let this user write, and nothing is written to a backup. */
const open = (path: string, adviceOnDamage = advice) =>
  Effect.acquireRelease(RealDisk.openToRead(path), ({ close }) => close).pipe(
    Effect.map((file): Source => ({
      ...file,
      read: (offset, length) => Effect.mapError(file.read(offset, length), unreadable),
      advice: adviceOnDamage
    })),
    Effect.mapError(unreadable)
  )

const unreadable = (error: SnapshotStoreError): SnapshotStoreError => {
  const { cause, reason } = error
  return reason === "not-writable" && cause instanceof Error
    ? new SnapshotStoreError({ reason, message: `The backup cannot be read: ${cause.message}.`, cause })
    : error
}

/** Of the whole file, in hex, as `sha256sum` prints it. */
export const sha256 = Effect.fnUntraced(function*(path: string) {
  const file = yield* open(path)
  const hash = createHash("sha256")
  for (let offset = 0; offset < file.bytes(); offset += readBytes) hash.update(yield* file.read(offset, readBytes))
  return hash.digest("hex")
}, Effect.scoped)

const readBytes = 1_048_576

const readTable = Effect.fnUntraced(function*(source: Source) {
  const { add, finish } = restoreLockTable()
  yield* Stream.runForEach(readPieces(source), (piece) => attempt(source.path, () => add(piece)))
  return yield* attempt(source.path, finish)
})

/** The bytes are those that were written, and still they may be those of a newer release, or have no tokens left. */
const attempt = <A>(path: string, run: () => A): Effect.Effect<A, BackupRefused> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (thrown) {
      return thrown instanceof MalformedSnapshot || thrown instanceof RangeError
        ? Effect.fail(
          new BackupRefused({ message: `The backup ${path} cannot be used: ${thrown.message}. ${advice}.` })
        )
        : Effect.die(thrown)
    }
  })

/** Makes the table that of a new cluster, and tells what that means. */
export const renew = ({ path, table }: Backup, options: RestoreOptions): Effect.Effect<AfterRestore, BackupRefused> =>
  attempt(path, () => table.afterRestore(options))
