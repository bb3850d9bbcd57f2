/**
 * The layout of a snapshot of the lock state, which both who writes and who reads one go by.
 *
 * It is the preamble and then blocks, each between its length and the CRC-32 of all that has come so far but for such
 * checksums: four bytes both. So a block that is damaged, missing, repeated or out of its turn is noticed before any of
 * it is believed. The first block begins with the moment that the snapshot is of. Then come the records in order of
 * their creation, over as many blocks as it takes, each behind its distance in that order from the one before; no
 * record is in two blocks. A distance of 0 and the number of records end them. Then comes how many locks have a
 * history, and that of each. Where it is cut into pieces means nothing.
 */
import type { Phase } from "../Claim.ts"
import type { EndReason } from "../LockEvent.ts"
import type { Outcome } from "../RequestMemory.ts"
import type { ByteReader } from "./ByteReader.ts"
import type { ByteWriter } from "./ByteWriter.ts"

/**
 * Changes with every change of the layout, so that no release reads what it would misunderstand. Version 1 had no wall
 * clock and no history; it is read, and no longer written.
 */
export const formatVersion = 2
export const formatVersionMin = 1

/** "HFLT" and the version. */
export const preamble = new Uint8Array([0x48, 0x46, 0x4c, 0x54, formatVersion])

export const blockLengthBytes = 4
export const checksumBytes = 4

/** What all else in the snapshot is told relative to. */
export interface Moment {
  readonly time: number
  readonly lastToken: number
  readonly created: number
  readonly grantsAfter: number
  readonly wallMillis: number
  readonly historyMax: number
}

export const writeMoment = (to: ByteWriter, moment: Moment): void => {
  const { created, grantsAfter, historyMax, lastToken, time, wallMillis } = moment
  for (const field of [time, lastToken, created, grantsAfter, wallMillis, historyMax]) to.number(field)
}

export const readMoment = (from: ByteReader, version: number): Moment => ({
  time: from.number(),
  lastToken: from.count(),
  created: from.count(),
  grantsAfter: from.number(),
  wallMillis: version === 1 ? 0 : from.number(),
  historyMax: version === 1 ? 0 : from.count()
})

export const recordKinds = { session: 1, lock: 2, claim: 3 } as const

/** The two lowest bits of a claim's flags are its phase. */
export const phases: ReadonlyArray<Phase> = ["waiting", "held", "delayed"]
export const phaseMask = 3
export const claimFlags = { shared: 4, deadline: 8, value: 16, maxHold: 32, seq: 64, older: 128 } as const

/** The lowest bits of a past grant's flags are why it ended. */
export const endReasons: ReadonlyArray<EndReason> = [
  "released",
  "session-ended",
  "session-expired",
  "max-hold",
  "withdrawn",
  "timeout"
]
export const endReasonMask = 7
export const pastFlags = { shared: 8 } as const

export const sessionFlags = { minted: 1, memory: 2 } as const

/** The three lowest bits of an outcome's flags are its kind. */
export const outcomeKinds: ReadonlyArray<Outcome["kind"]> = [
  "Granted",
  "ModeConflict",
  "LockHeld",
  "WaitTimedOut",
  "Released",
  "NotHolder"
]
export const outcomeMask = 7
export const outcomeFlags = { shared: 8, owner: 16 } as const
