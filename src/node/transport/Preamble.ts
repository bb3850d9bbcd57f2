/**
 * The first bytes that each side of a connection sends: who speaks, and which versions of the
 * protocol it knows. This layout is the same in all releases for ever, so that any two of them can
 * agree on a version or say that they cannot. Everything after it belongs to the version agreed on.
 *
 *     8 bytes  "HOLDFAST"
 *     2 bytes  the oldest version spoken, big-endian
 *     2 bytes  the newest
 */
import { Result } from "effect"
import { ConnectionEnded } from "./ConnectionEnded.ts"

export interface Versions {
  readonly oldest: number
  readonly newest: number
}

export const preambleBytes = 12

const magic = new TextEncoder().encode("HOLDFAST")

export const encodePreamble = ({ newest, oldest }: Versions): Uint8Array => {
  const bytes = new Uint8Array(preambleBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(magic)
  view.setUint16(8, oldest)
  view.setUint16(10, newest)
  return bytes
}

/** Whether bytes may be the beginning of a preamble; whoever speaks another protocol is known by the first. */
export const mayBePreamble = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, magic.length).every((byte, index) => byte === magic[index])

export const decodePreamble = (bytes: Uint8Array): Result.Result<Versions, ConnectionEnded> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, preambleBytes)
  const versions = { oldest: view.getUint16(8), newest: view.getUint16(10) }
  return mayBePreamble(bytes) && versions.oldest <= versions.newest
    ? Result.succeed(versions)
    : Result.fail(new ConnectionEnded({ reason: "not-holdfast" }))
}

/** The newest version that both speak, or null. */
export const agree = (ours: Versions, theirs: Versions): number | null => {
  const newest = Math.min(ours.newest, theirs.newest)
  return newest >= Math.max(ours.oldest, theirs.oldest) ? newest : null
}

export const showVersions = ({ newest, oldest }: Versions): string =>
  oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`
