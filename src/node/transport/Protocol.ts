/**
 * The versions of the protocol that this release speaks. Two nodes talk in the newest that both know,
 * so that a cluster goes on while its nodes are replaced one by one by those of the next release.
 */
import type { Versions } from "./Preamble.ts"
import type { Version } from "./versions/Version.ts"
import { version1 } from "./versions/Version1.ts"
import { version2 } from "./versions/Version2.ts"

const spoken: ReadonlyMap<number, Version> = new Map([[1, version1], [2, version2]])

export const ourVersions: Versions = { oldest: 1, newest: 2 }

/** A version that has been agreed on, which is one of ours. */
export const versionOf = (number: number): Version => {
  const version = spoken.get(number)
  if (version === undefined) throw new Error(`version ${number} of the protocol is spoken by this release`)
  return version
}
