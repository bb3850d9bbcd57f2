/**
 * Snapshots in memory, on a disk that outlives the store and that can fail, and lose what was not synced.
 *
 * A sync that fails loses what it was to write, as on a real one: the next sync says that all is well, and it is not.
 */
import { Effect } from "effect"
import type { SnapshotStoreError } from "../SnapshotStore.ts"
import type { DiskFile, SnapshotDisk } from "./Disk.ts"
import { failure, ofSync } from "./Failure.ts"

interface MemoryFile {
  bytes: Uint8Array
  length: number
  syncedLength: number
  /** From here on a sync has failed, and none after it mends that. */
  lostFrom: number
}

export interface MemoryDisk {
  /** The files by the names that they have, and by those that they have after a crash. */
  files: Map<string, MemoryFile>
  syncedFiles: Map<string, MemoryFile>
  /** Runs before anything is written, synced or named: a disk may fail here, or be slow. */
  trouble: Effect.Effect<void, SnapshotStoreError>
}

export const make = (): MemoryDisk => ({ files: new Map(), syncedFiles: new Map(), trouble: Effect.void })

/** Loses what was not synced, bytes and names, as a machine does that loses its power. */
export const crash = (disk: MemoryDisk): void => {
  disk.files = new Map(disk.syncedFiles)
  for (const file of disk.files.values()) file.length = file.syncedLength
}

export const view = (disk: MemoryDisk): SnapshotDisk => {
  const path = "memory"
  const attempt = <A>(run: () => A) => Effect.andThen(Effect.suspend(() => disk.trouble), Effect.sync(run))
  return {
    path,
    names: Effect.sync(() => [...disk.files.keys()]),
    open: (name) => attempt(() => viewFile(`${path}/${name}`, fileOf(disk, name), attempt)),
    rename: (from, to) =>
      Effect.flatten(attempt(() => {
        const file = disk.files.get(from)
        if (file === undefined) return failure("io", path, `ENOENT: ${from}`)
        disk.files.delete(from)
        disk.files.set(to, file)
        return Effect.void
      })),
    remove: (name) => attempt(() => void disk.files.delete(name)),
    sync: ofSync(
      path,
      attempt(() => {
        disk.syncedFiles = new Map(disk.files)
      })
    )
  }
}

const fileOf = (disk: MemoryDisk, name: string): MemoryFile => {
  const file = disk.files.get(name) ?? { bytes: new Uint8Array(0), length: 0, syncedLength: 0, lostFrom: Infinity }
  disk.files.set(name, file)
  return file
}

const viewFile = (
  path: string,
  file: MemoryFile,
  attempt: (run: () => void) => Effect.Effect<void, SnapshotStoreError>
): DiskFile => ({
  path,
  bytes: () => file.length,
  read: (offset, length) => Effect.sync(() => file.bytes.slice(offset, Math.min(file.length, offset + length))),
  append: (bytes) => attempt(() => extend(file, bytes)),
  sync: Effect.tapError(
    ofSync(
      path,
      attempt(() => {
        file.syncedLength = Math.min(file.length, file.lostFrom)
      })
    ),
    () =>
      Effect.sync(() => {
        file.lostFrom = Math.min(file.syncedLength, file.lostFrom)
      })
  ),
  close: Effect.void
})

const extend = (file: MemoryFile, bytes: Uint8Array): void => {
  const length = file.length + bytes.length
  if (length > file.bytes.length) {
    const larger = new Uint8Array(2 * length)
    larger.set(file.bytes)
    file.bytes = larger
  }
  file.bytes.set(bytes, file.length)
  file.length = length
}
