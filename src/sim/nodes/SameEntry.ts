/**
 * Whether two nodes mean the same by one entry. Each has decoded its own copy.
 */
import type { Entry } from "../../raft/Entry.ts"

export const isSameEntry = (one: Entry, other: Entry): boolean => {
  if (one === other) return true
  if (one.term !== other.term || one.time !== other.time || one.payload._tag !== other.payload._tag) return false
  if (one.payload._tag !== "Command" || other.payload._tag !== "Command") return true
  const [a, b] = [one.payload.bytes, other.payload.bytes]
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
