/** Snapshots of lock tables, whole: for tests that are about what is in them, and not about how they are read. */
import { type LockTable, restoreLockTable, type SnapshotReader } from "../../../src/lock/LockTable.ts"

export const piecesOf = (reader: SnapshotReader): Array<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let piece = reader.next(); piece !== null; piece = reader.next()) pieces.push(piece.slice())
  return pieces
}

export const bytesOf = (table: LockTable): Buffer => Buffer.concat(piecesOf(table.snapshot()))

export const restored = (pieces: Iterable<Uint8Array>): LockTable => {
  const restoring = restoreLockTable()
  for (const piece of pieces) restoring.add(piece)
  return restoring.finish()
}
