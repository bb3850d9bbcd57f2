/**
 * Snapshots in a directory of a real disk. Nothing here blocks the node: all of it waits for Node's own threads.
 */
import { Effect } from "effect"
import { constants } from "node:fs"
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { DiskFile, SnapshotDisk } from "./Disk.ts"
import { attempt, ofSync } from "./Failure.ts"

/** Makes the directory durable when it is new. Its parent must be there. */
export const make = Effect.fnUntraced(function*(path: string) {
  const made = yield* attempt(path, () => mkdir(path, { recursive: true, mode: 0o700 }))
  if (made !== undefined) yield* attempt(path, () => syncDirectory(dirname(path)))
  return {
    path,
    names: attempt(path, () => readdir(path)),
    open: (name) => openFile(join(path, name), constants.O_RDWR | constants.O_CREAT),
    rename: (from, to) => attempt(path, () => rename(join(path, from), join(path, to))),
    remove: (name) => attempt(path, () => rm(join(path, name), { force: true })),
    sync: ofSync(path, attempt(path, () => syncDirectory(path)))
  } satisfies SnapshotDisk
})

const syncDirectory = (path: string): Promise<void> =>
  open(path, "r").then((handle) => handle.sync().finally(() => handle.close()))

/** A file to be read and nothing else, such as a backup that may lie on a disk that cannot be written. */
export const openToRead = (path: string) => openFile(path, constants.O_RDONLY)

const openFile = Effect.fnUntraced(function*(path: string, flags: number) {
  const handle = yield* attempt(path, () => open(path, flags, 0o600))
  let { size } = yield* attempt(path, () => handle.stat())
  const append = (bytes: Uint8Array) =>
    Effect.tap(attempt(path, () => writeAll(handle, bytes, size)), () =>
      Effect.sync(() => {
        size += bytes.length
      }))
  return {
    path,
    bytes: () => size,
    read: (offset, length) => attempt(path, () => readAll(handle, offset, length)),
    append,
    sync: ofSync(path, attempt(path, () => handle.sync())),
    close: Effect.ignore(attempt(path, () => handle.close()))
  } satisfies DiskFile
})

/** A disk that is nearly full takes a part, and says why it does not take the rest when it is asked again. */
const writeAll = (handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> =>
  handle.write(bytes, 0, bytes.length, at).then(({ bytesWritten }) =>
    bytesWritten < bytes.length ? writeAll(handle, bytes.subarray(bytesWritten), at + bytesWritten) : undefined
  )

const readAll = (handle: FileHandle, offset: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  const readOn = (done: number): Promise<Uint8Array> =>
    handle.read(bytes, done, length - done, offset + done).then(({ bytesRead }) =>
      bytesRead === 0 || done + bytesRead === length ? bytes.subarray(0, done + bytesRead) : readOn(done + bytesRead)
    )
  return length === 0 ? Promise.resolve(bytes) : readOn(0)
}
