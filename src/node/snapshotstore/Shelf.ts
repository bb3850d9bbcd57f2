/**
 * The snapshots that are whole: the latest one, and older ones for as long as somebody reads them.
 *
 * A file by the name of a snapshot is whole and durable: it gets that name after all of it has been synced. When it has
 * it, older ones go. Their bytes stay readable through their open files.
 */
import { Clock, Effect, Semaphore } from "effect"
import type { StoredSnapshot } from "../SnapshotStore.ts"
import type { DiskFile, SnapshotDisk } from "./Disk.ts"
import { failure } from "./Failure.ts"
import { readHeader, type Source } from "./Reader.ts"

/** For how long after its last byte was read an older snapshot stays readable: longer than any pause of a transfer. */
const readNanos = 60_000_000_000n

const advice = "Restore the data directory from a copy that was made after this node last stopped, or start the " +
  "node with --rejoin: it sets this data aside and comes back as a new member with the data of the others"

/** Its index puts it in order, and its checksum tells what its content must be. */
const nameOf = ({ checksum, snapshot }: StoredSnapshot): string => `${snapshot.index}-${checksum}.snapshot`

const readName = (
  name: string
): { readonly name: string; readonly index: number; readonly checksum: string } | null => {
  const [, index, checksum] = /^(\d+)-([0-9a-f]{64})\.snapshot$/.exec(name) ?? []
  return index === undefined || checksum === undefined ? null : { name, index: Number(index), checksum }
}

const asideSuffix = ".damaged"

export interface Kept {
  readonly stored: StoredSnapshot
  readonly file: DiskFile
  /** Null as long as it was not read. */
  readAtNanos: bigint | null
}

export const sourceOf = (file: DiskFile): Source => ({ ...file, advice })

/**
 * What a crash may have left beside the latest one goes. A name that is found may be one that a killed process gave and
 * never synced; others are removed for it, and the log is reset to it, so it is made durable first.
 */
export const open = Effect.fnUntraced(function*(disk: SnapshotDisk) {
  yield* disk.sync
  const found = (yield* disk.names).flatMap((name) => readName(name) ?? [])
  const newest = found.toSorted((a, b) => b.index - a.index)[0]
  let latest: Kept | null = null
  if (newest !== undefined) {
    const file = yield* disk.open(newest.name)
    const header = Effect.andThen(file.sync, readHeader(sourceOf(file)))
    const { header: { snapshot } } = yield* Effect.onError(header, () => file.close)
    latest = { stored: { snapshot, bytes: file.bytes(), checksum: newest.checksum }, file, readAtNanos: null }
  }
  return yield* makeShelf(disk, latest)
})

/** The only one of its kind. */
const renameAside = Effect.fnUntraced(function*(disk: SnapshotDisk, damaged: string) {
  for (const name of yield* disk.names) if (name.endsWith(asideSuffix)) yield* disk.remove(name)
  yield* disk.rename(damaged, damaged + asideSuffix)
})

/** Who was given fewer bytes than there must be would ask for the rest of them for ever. */
const readExactly = Effect.fnUntraced(function*({ file, stored }: Kept, offset: number, length: number) {
  const bytes = yield* file.read(offset, length)
  if (bytes.length >= Math.min(length, stored.bytes - offset)) return bytes
  const end = `it ends with byte ${offset + bytes.length}, and must have ${stored.bytes}`
  return yield* failure("corrupt", file.path, `${end}. ${advice}.`)
})

export type Shelf = Effect.Success<ReturnType<typeof makeShelf>>

const makeShelf = Effect.fnUntraced(function*(disk: SnapshotDisk, found: Kept | null) {
  const one = yield* Semaphore.make(1)
  let latest = found
  let older: ReadonlyArray<Kept> = []
  const all = () => [...older, ...(latest === null ? [] : [latest])]

  const forgetOlder = Effect.fnUntraced(function*() {
    const now = yield* Clock.monotonicTimeNanos
    const isRead = ({ readAtNanos }: Kept) => readAtNanos !== null && now - readAtNanos < readNanos
    for (const kept of older) if (!isRead(kept)) yield* kept.file.close
    older = older.filter(isRead)
    const names = (yield* disk.names).filter((name) => readName(name) !== null)
    for (const name of names) if (latest === null || name !== nameOf(latest.stored)) yield* disk.remove(name)
  })
  // What cannot be removed now is removed the next time: it takes room, and does no harm.
  const tidy = Effect.ignore(Effect.suspend(forgetOlder))
  yield* tidy

  const put = Effect.fnUntraced(function*(stored: StoredSnapshot, file: DiskFile, name: string) {
    if (latest !== null && latest.stored.snapshot.index > stored.snapshot.index) {
      yield* file.close
      yield* disk.remove(name)
      return latest.stored
    }
    yield* disk.rename(name, nameOf(stored))
    yield* disk.sync
    if (latest !== null) older = [...older, latest]
    latest = { stored, file: { ...file, path: `${disk.path}/${nameOf(stored)}` }, readAtNanos: null }
    yield* tidy
    return stored
  })

  const setAside = Effect.fnUntraced(function*(damaged: StoredSnapshot) {
    if (latest?.stored.checksum !== damaged.checksum) return
    yield* renameAside(disk, nameOf(damaged))
    const { file } = latest
    latest = null
    yield* Effect.andThen(file.close, disk.sync)
  })

  const read = Effect.fnUntraced(function*(wanted: StoredSnapshot, offset: number, length: number) {
    const kept = all().find(({ stored }) => stored.checksum === wanted.checksum)
    if (kept === undefined) return yield* failure("gone", disk.path, nameOf(wanted))
    kept.readAtNanos = yield* Clock.monotonicTimeNanos
    return yield* readExactly(kept, offset, length)
  })

  return {
    latest: () => latest,
    /** Makes a complete, synced file that has another name so far the latest snapshot, unless a newer one is there. */
    put: (stored: StoredSnapshot, file: DiskFile, name: string) =>
      Effect.uninterruptible(one.withPermit(put(stored, file, name))),
    setAside: (damaged: StoredSnapshot) => Effect.uninterruptible(one.withPermit(setAside(damaged))),
    read,
    close: Effect.suspend(() => Effect.forEach(all(), ({ file }) => file.close))
  }
})
