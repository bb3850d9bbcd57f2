/**
 * How far another store was seen to have come, remembered beside the log of this one. A store never goes back from
 * there by itself: one that has was put back to an older copy of itself.
 *
 * Such a store has forgotten votes and entries that the cluster counts on (§5.2, §5.4), and must not vote again.
 */
import { Schema } from "effect"
import { LogIndex } from "../../raft/Entry.ts"

export const PeerMark = Schema.Struct({
  /** How often it had been opened. */
  boots: Schema.Natural,
  /** The last entry that is committed and that it has acknowledged: no leader ever takes it back. */
  matchIndex: LogIndex
})
export type PeerMark = typeof PeerMark.Type

/** What a store says of itself when it connects; `boots` is 0 when it does not tell. */
interface Told {
  readonly boots: number
  readonly lastIndex: LogIndex
}

/** What is wrong with a store that was there and says this now, or undefined. */
export const whyGoneBack = (mark: PeerMark, told: Told): string | undefined => {
  if (told.boots === 0) return undefined
  if (told.boots < mark.boots) return `it has been opened ${told.boots} times, and was at ${mark.boots} before`
  return told.lastIndex < mark.matchIndex
    ? `its log ends with entry ${told.lastIndex}, and it has acknowledged entry ${mark.matchIndex}`
    : undefined
}

/** The farther of the two, in each respect; the first one itself if that is as far. */
export const farther = (one: PeerMark | undefined, { boots, matchIndex }: PeerMark): PeerMark =>
  one !== undefined && one.boots >= boots && one.matchIndex >= matchIndex ? one : {
    boots: Math.max(one?.boots ?? 0, boots),
    matchIndex: LogIndex.make(Math.max(one?.matchIndex ?? 0, matchIndex))
  }
