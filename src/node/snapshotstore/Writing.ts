/**
 * Writes a snapshot into a file beside the others, which then becomes the latest one. Whatever goes wrong before that
 * leaves nothing.
 */
import { Effect, Stream } from "effect"
import type { Snapshot } from "../../raft/Snapshot.ts"
import type { SnapshotStoreError, StoredSnapshot } from "../SnapshotStore.ts"
import { version as release } from "../Version.ts"
import type { DiskFile, SnapshotDisk } from "./Disk.ts"
import { makeAppend } from "./Growing.ts"
import type { Shelf } from "./Shelf.ts"
import { makeEncoder } from "./SnapshotFile.ts"

/** Of the one that is being written; what a crash has left of it means nothing. */
export const partName = "writing.part"

export const write = Effect.fnUntraced(function*<E>(
  disk: SnapshotDisk,
  shelf: Shelf,
  snapshot: Snapshot,
  pieces: Stream.Stream<Uint8Array, E>
): Effect.fn.Return<StoredSnapshot, SnapshotStoreError | E> {
  yield* disk.remove(partName)
  const file = yield* disk.open(partName)
  const discard = Effect.andThen(file.close, Effect.ignore(disk.remove(partName)))
  return yield* Effect.onExit(
    Effect.flatMap(encode(file, snapshot, pieces), (stored) => shelf.put(stored, file, partName)),
    (exit) => exit._tag === "Success" ? Effect.void : discard
  )
})

/** The file with all its bytes, durable, and what it is then. */
const encode = Effect.fnUntraced(function*<E>(
  file: DiskFile,
  snapshot: Snapshot,
  pieces: Stream.Stream<Uint8Array, E>
) {
  const encoder = makeEncoder()
  const append = makeAppend(file)
  yield* append(encoder.header({ snapshot, release }))
  yield* Stream.runForEach(pieces, (piece) => append(encoder.piece(piece)))
  yield* append(encoder.end())
  yield* file.sync
  return { snapshot, bytes: file.bytes(), checksum: encoder.checksum() }
})
