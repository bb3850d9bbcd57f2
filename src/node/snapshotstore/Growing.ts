/**
 * A snapshot's file as it grows, synced every two megabytes: a disk that is given all of it at once lets everybody wait
 * who syncs the log meanwhile.
 */
import { Effect } from "effect"
import type { DiskFile } from "./Disk.ts"

const syncedBytes = 2_097_152

export const makeAppend = (file: DiskFile) => {
  let waiting = 0
  return Effect.fnUntraced(function*(bytes: Uint8Array) {
    yield* file.append(bytes)
    waiting += bytes.length
    if (waiting < syncedBytes) return
    waiting = 0
    yield* file.sync
  })
}
