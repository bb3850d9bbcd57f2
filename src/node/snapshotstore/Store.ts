/**
 * A snapshot store on whatever kind of disk.
 */
import { Effect, Semaphore, Stream } from "effect"
import type { SnapshotStore } from "../SnapshotStore.ts"
import type { SnapshotDisk } from "./Disk.ts"
import { readPieces } from "./Reader.ts"
import { receive } from "./Receiving.ts"
import * as Shelf from "./Shelf.ts"
import { partName, write } from "./Writing.ts"

/** Opens what is on a disk, until the scope closes. */
export const open = Effect.fnUntraced(function*(disk: SnapshotDisk) {
  yield* disk.remove(partName)
  const shelf = yield* Effect.acquireRelease(Shelf.open(disk), ({ close }) => close)
  const [writing, receiving] = [yield* Semaphore.make(1), yield* Semaphore.make(1)]
  let closeReceiving: Effect.Effect<void> = Effect.void
  yield* Effect.addFinalizer(() => closeReceiving)
  const store: SnapshotStore["Service"] = {
    latest: () => shelf.latest()?.stored ?? null,
    write: (snapshot, pieces) => writing.withPermit(write(disk, shelf, snapshot, pieces)),
    pieces: Stream.suspend(() => {
      const latest = shelf.latest()
      if (latest === null) return Stream.empty
      const { file, stored } = latest
      const read = (offset: number, length: number) => shelf.read(stored, offset, length)
      return readPieces({ ...Shelf.sourceOf(file), read }, stored)
    }),
    read: shelf.read,
    setAside: shelf.setAside,
    receive: (stored) =>
      receiving.withPermit(Effect.gen(function*() {
        yield* closeReceiving
        const begun = yield* receive(disk, shelf, stored)
        closeReceiving = begun.close
        return begun.receiving
      }))
  }
  return store
})
