/**
 * A note beside the log of the last write that it has kept, which is how a log notices that it has lost its end.
 *
 * SQLite takes the first bad frame of its write-ahead log for the torn end of a write that never finished, and drops
 * all that follows; it takes a missing one for an empty one. Both may be writes that were acknowledged. The note is
 * never synced: after a crash of the machine it may be old or unreadable, and then says nothing, but it is never ahead
 * of what was on disk when it was written.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import type { StoreId } from "../../raft/Membership.ts"

export const pathIn = (dataDir: string): string => join(dataDir, "log.watermark")

/** Shorter than a sector, which is written whole or not at all. */
const noteLength = 256

const checksumOf = (sequence: number, storeId: string): string =>
  crc32(`${sequence} ${storeId}`).toString(16).padStart(8, "0")

/** The number of the last write that this store is known to have kept, or 0. */
export const read = (dataDir: string, storeId: StoreId): number => {
  const [checksum, sequence, owner] = readIfThere(pathIn(dataDir)).split(" ")
  const isSound = owner === storeId && checksum === checksumOf(Number(sequence), owner)
  return isSound ? Number(sequence) : 0
}

const readIfThere = (path: string): string => {
  const file = openSync(path, "a+", 0o600)
  try {
    return readFileSync(file, "latin1").trimEnd()
  } finally {
    closeSync(file)
  }
}

export interface Watermark {
  readonly note: (sequence: number) => void
  readonly close: () => void
}

export const open = (dataDir: string, storeId: StoreId): Watermark => {
  const file = openSync(pathIn(dataDir), "r+")
  return {
    note: (sequence) => {
      const line = `${checksumOf(sequence, storeId)} ${sequence} ${storeId}`
      writeSync(file, line.padEnd(noteLength - 1) + "\n", 0, "latin1")
    },
    close: () => closeSync(file)
  }
}
