/**
 * A snapshot that comes from another node, into a file beside the others that outlives a broken transfer, and the
 * process: it is named by the checksum of what it will be, so that nothing else is ever added to it.
 *
 * Its bytes are nobody's until all of them are verified and synced. What proves to be wrong is thrown away, and begun
 * again; so is what a disk that fails has been given, because after a failed sync nobody knows what of it is there.
 */
import { Effect, Schema, Semaphore, Stream } from "effect"
import { Snapshot } from "../../raft/Snapshot.ts"
import type { Receiving, SnapshotStoreError, StoredSnapshot } from "../SnapshotStore.ts"
import type { DiskFile, SnapshotDisk } from "./Disk.ts"
import { failure } from "./Failure.ts"
import { makeAppend } from "./Growing.ts"
import { readHeader, readPieces, type Source } from "./Reader.ts"
import type { Shelf } from "./Shelf.ts"

const nameOf = ({ checksum }: StoredSnapshot): string => `${checksum}.part`

const isPart = (name: string): boolean => /^[0-9a-f]{64}\.part$/.test(name)

const advice = "It is thrown away and asked for again"

const isSame = Schema.toEquivalence(Snapshot)

/** Only the file of this snapshot stays of those that were begun. */
export const receive = Effect.fnUntraced(function*(disk: SnapshotDisk, shelf: Shelf, stored: StoredSnapshot) {
  const name = nameOf(stored)
  for (const other of yield* disk.names) if (isPart(other) && other !== name) yield* disk.remove(other)
  let file = yield* disk.open(name)
  if (file.bytes() > stored.bytes) {
    yield* file.close
    yield* disk.remove(name)
    file = yield* disk.open(name)
  }
  return yield* makeReceiving(disk, shelf, stored, file)
})

const makeReceiving = Effect.fnUntraced(function*(
  disk: SnapshotDisk,
  shelf: Shelf,
  stored: StoredSnapshot,
  file: DiskFile
) {
  const one = yield* Semaphore.make(1)
  const append = makeAppend(file)
  const state = { isOpen: true, isVerified: false }
  const close = Effect.suspend(() => {
    if (!state.isOpen) return Effect.void
    state.isOpen = false
    return file.close
  })
  const expectOpen = Effect.suspend(() =>
    state.isOpen ? Effect.void : failure("gone", disk.path, `${nameOf(stored)}, which was being received,`)
  )
  const discard = Effect.andThen(close, Effect.ignore(disk.remove(nameOf(stored))))
  const discardIfLost = ({ reason }: SnapshotStoreError) =>
    reason === "corrupt" || reason === "io" ? discard : Effect.void
  const source: Source = { ...file, advice }

  const take = Effect.fnUntraced(function*(offset: number, bytes: Uint8Array) {
    yield* expectOpen
    const missing = bytes.subarray(file.bytes() - offset, stored.bytes - offset)
    if (offset <= file.bytes() && missing.length > 0) yield* append(missing)
  })
  // All of it is synced here, where a failure costs no more than this transfer.
  const verified = Effect.map(file.sync, () => {
    state.isVerified = true
  })
  const pieces = Stream.unwrap(Effect.andThen(expectOpen, readAnnounced(source, stored))).pipe(
    Stream.concat(Stream.drain(Stream.fromEffect(verified))),
    Stream.tapError(discardIfLost)
  )
  const put = Effect.suspend(() => {
    // Nobody may close it meanwhile.
    state.isOpen = false
    return Effect.tapError(shelf.put(stored, file, nameOf(stored)), (error) => {
      state.isOpen = true
      return discardIfLost(error)
    })
  })

  const receiving: Receiving = {
    offset: () => file.bytes(),
    append: (offset, bytes) => Effect.tapError(one.withPermit(take(offset, bytes)), discardIfLost),
    pieces,
    adopt: Effect.gen(function*() {
      yield* expectOpen
      if (!state.isVerified) yield* Stream.runDrain(pieces)
      yield* put
    })
  }
  return { receiving, close }
})

/** The pieces of a snapshot that must be of the state that was announced. */
const readAnnounced = Effect.fnUntraced(function*(source: Source, stored: StoredSnapshot) {
  const { header } = yield* readHeader(source)
  if (isSame(header.snapshot, stored.snapshot)) return readPieces(source, stored)
  return yield* failure("corrupt", source.path, `it is of another state than was announced. ${advice}.`)
})
