/**
 * The smallest state machine that tells two histories apart: how many entries it has applied, and a hash of
 * all of them in order. A snapshot of it is the value itself.
 */
import type { Entry } from "../../../src/raft/Entry.ts"

export interface Machine {
  readonly index: number
  readonly hash: number
}

export const blank: Machine = { index: 0, hash: 0x811c9dc5 }

export const apply = ({ hash, index }: Machine, entry: Entry): Machine => {
  if (entry.index !== index + 1) throw new Error(`entry ${entry.index} is applied after ${index}`)
  const bytes = entry.payload._tag === "Command" ? entry.payload.bytes : [entry.payload._tag.length]
  return { index: entry.index, hash: [entry.term, entry.time, ...bytes].reduce(mix, hash) }
}

const mix = (hash: number, part: number): number => Math.imul(hash ^ part, 0x01000193) >>> 0
