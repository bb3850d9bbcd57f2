/**
 * What the tables of a log hold: each row of the log, and those beside it, with a checksum of its own.
 *
 * SQLite guards the pages of the file but not what is in them, so a row is believed when its checksum is right. Bytes
 * of a command go in and out as they are.
 */
import { Option, Schema } from "effect"
import { crc32 } from "node:zlib"
import { crc32 as crcInScript } from "../../lock/snapshot/Checksum.ts"
import type { HardState } from "../../raft/Action.ts"
import type { Entry, Payload, Position } from "../../raft/Entry.ts"
import { Membership, type NodeId, type StoreId } from "../../raft/Membership.ts"
import type { PeerMark } from "../peers/PeerMark.ts"

/** A row of the table `entry`; `sequence` is the number of the write that stored it. */
export type EntryRow = readonly [
  index: number,
  term: number,
  time: number,
  kind: number,
  payload: Uint8Array,
  sequence: number,
  checksum: number
]

const kinds = { Noop: 0, Config: 1, Command: 2 }

export const encodeEntry = ({ index, payload, term, time }: Entry, sequence: number): EntryRow => {
  const kind = kinds[payload._tag]
  const bytes = encodePayload(payload)
  return [index, term, time, kind, bytes, sequence, checksumOfEntry(index, term, time, kind, bytes, sequence)]
}

// All that an entry is, its payload last, so that no length is needed. One buffer serves every call.
const header = new DataView(new ArrayBuffer(33))
const headerBytes = new Uint8Array(header.buffer)

export const checksumOfEntry = (
  index: number,
  term: number,
  time: number,
  kind: number,
  payload: Uint8Array,
  sequence: number
): number => {
  header.setFloat64(0, index)
  header.setFloat64(8, term)
  header.setFloat64(16, time)
  header.setFloat64(24, sequence)
  header.setUint8(32, kind)
  return crcOf(payload, crcInScript(headerBytes))
}

// A call into Node costs more than a few bytes do.
const crcOf = (bytes: Uint8Array, before: number): number =>
  bytes.length < scriptBytesMax ? crcInScript(bytes, before) : crc32(bytes, before)

const scriptBytesMax = 256

const nothing = new Uint8Array(0)
const noop: Payload = { _tag: "Noop" }
const MembershipJson = Schema.fromJsonString(Membership)
const encodeMembership = Schema.encodeSync(MembershipJson)
const decodeMembership = Schema.decodeOption(MembershipJson)

const encodePayload = (payload: Payload): Uint8Array => {
  switch (payload._tag) {
    case "Noop":
      return nothing
    case "Config":
      return new TextEncoder().encode(encodeMembership(payload.membership))
    case "Command":
      return payload.bytes
  }
}

/** Undefined for what this release does not know how to read, though it was written on purpose. */
export const decodePayload = (kind: number, bytes: Uint8Array): Payload | undefined => {
  switch (kind) {
    case kinds.Noop:
      return bytes.length === 0 ? noop : undefined
    case kinds.Config:
      return Option.getOrUndefined(Option.map(decodeMembership(new TextDecoder().decode(bytes)), configOf))
    case kinds.Command:
      return { _tag: "Command", bytes }
    default:
      return undefined
  }
}

const configOf = (membership: Membership): Payload => ({ _tag: "Config", membership })

/** The one row of the table `hard_state`. */
export interface HardStateRow {
  readonly term: number
  readonly voted_for: string | null
  readonly sequence: number
  readonly checksum: number
}

export const checksumOfHardState = ({ term, votedFor }: HardState, sequence: number): number =>
  crc32(JSON.stringify(["hard state", term, votedFor, sequence]))

/** The one row of the table `store`. */
export interface StoreRow {
  readonly node_id: string
  readonly store_id: string
  readonly checksum: number
}

export const checksumOfStore = (nodeId: NodeId, storeId: StoreId): number =>
  crc32(JSON.stringify(["store", nodeId, storeId]))

/** The one row of the table `start`. */
export interface StartRow {
  readonly log_index: number
  readonly term: number
  readonly time: number
  readonly sequence: number
  readonly checksum: number
}

export const checksumOfStart = ({ index, term, time }: Position, sequence: number): number =>
  crc32(JSON.stringify(["start", index, term, time, sequence]))

/** The one row of the table `boot`. */
export interface BootRow {
  readonly boots: number
  readonly sequence: number
  readonly checksum: number
}

export const checksumOfBoots = (boots: number, sequence: number): number =>
  crc32(JSON.stringify(["boot", boots, sequence]))

/** A row of the table `peer`. */
export interface PeerRow {
  readonly store_id: string
  readonly boots: number
  readonly match_index: number
  readonly sequence: number
  readonly checksum: number
}

export const checksumOfPeer = (storeId: StoreId, { boots, matchIndex }: PeerMark, sequence: number): number =>
  crc32(JSON.stringify(["peer", storeId, boots, matchIndex, sequence]))
