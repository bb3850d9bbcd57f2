/**
 * The history of one lock as bytes, and back: tokens and times as their distance from the moment of the snapshot.
 */
import type { FencingToken, LockName } from "../Identifiers.ts"
import type { LockPast, PastHold } from "../LockHistory.ts"
import { type ByteReader, MalformedSnapshot } from "./ByteReader.ts"
import type { ByteWriter } from "./ByteWriter.ts"
import { endReasonMask, endReasons, type Moment, pastFlags } from "./Format.ts"

export type Past = Pick<LockPast, "name" | "holds">

export const writePast = (to: ByteWriter, { holds, name }: Past, moment: Moment): void => {
  to.text(name)
  to.number(holds.length)
  for (const hold of holds) writeHold(to, hold, moment)
}

export const readPast = (from: ByteReader, moment: Moment): Past => {
  const name = from.text() as LockName
  const holds: Array<PastHold> = []
  for (let left = from.count(); left > 0; left--) holds.push(readHold(from, moment))
  if (holds.length === 0) throw new MalformedSnapshot("a history of nothing")
  return { name, holds }
}

const writeHold = (to: ByteWriter, hold: PastHold, moment: Moment): void => {
  to.byte(endReasons.indexOf(hold.reason) | (hold.mode === "shared" ? pastFlags.shared : 0))
  to.number(moment.lastToken - hold.token)
  to.text(hold.label)
  to.text(hold.owner)
  to.number(moment.wallMillis - hold.endedWall)
  to.number(hold.endedWall - hold.grantedWall)
  to.number(hold.heldMillis)
}

const readHold = (from: ByteReader, { lastToken, wallMillis }: Moment): PastHold => {
  const flags = from.byte()
  const reason = endReasons[flags & endReasonMask]
  if (reason === undefined) throw new MalformedSnapshot("a grant that ended for no reason")
  const mode = flags & pastFlags.shared ? "shared" : "exclusive"
  const token = (lastToken - from.count()) as FencingToken
  const label = from.text()
  const owner = from.text()
  const endedWall = wallMillis - from.number()
  const grantedWall = endedWall - from.number()
  return { token, label, owner, mode, grantedWall, endedWall, heldMillis: from.number(), reason }
}
