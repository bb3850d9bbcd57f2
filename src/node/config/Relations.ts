/**
 * What settings must be to each other. A relation is judged only when both its sides are known; a side
 * that is wrong by itself has its complaint already.
 */
import type { Reading } from "./Reading.ts"
import type { Values } from "./Settings.ts"

/** The keys whose values are numbers. */
type NumberKey = { readonly [K in keyof Values]: Values[K] extends number | null ? K : never }[keyof Values]

/** What a node makes of the settings that nobody gave. */
export type Derived = { readonly [K in NumberKey]?: number | null }

interface Relation {
  readonly of: NumberKey
  readonly to: NumberKey
  /** Completes "must be … " before the other setting's name. */
  readonly words: string
  readonly holds: (of: number, to: number) => boolean
}

const atMost = (of: NumberKey, to: NumberKey): Relation => ({ of, to, words: "at most", holds: (a, b) => a <= b })
const atLeast = (of: NumberKey, to: NumberKey): Relation => ({ of, to, words: "at least", holds: (a, b) => a >= b })
const lessThan = (of: NumberKey, to: NumberKey): Relation => ({ of, to, words: "less than", holds: (a, b) => a < b })
const unlike = (of: NumberKey, to: NumberKey): Relation => ({ of, to, words: "another than", holds: (a, b) => a !== b })

const relations: ReadonlyArray<Relation> = [
  // One late or lost heartbeat is no reason for an election.
  { of: "heartbeatMillis", to: "electionMillisMin", words: "less than half of", holds: (a, b) => 2 * a < b },
  // Timeouts are drawn between the two: without room, votes split for ever (§9.3).
  lessThan("electionMillisMin", "electionMillisMax"),
  lessThan("lostLeaderMillisMin", "lostLeaderMillisMax"),
  lessThan("lostLeaderMillisMax", "electionMillisMin"),
  // An idle leader turns once a heartbeat: a smaller step would lengthen every lease.
  atLeast("clockStepMillisMax", "heartbeatMillis"),
  // A longer one would count time in which another node may have led.
  atMost("clockStepMillisMax", "electionMillisMin"),
  atMost("ttlMillisMin", "ttlMillisMax"),
  atMost("maxHoldMillisMin", "maxHoldMillisMax"),
  lessThan("valueBytesMax", "bodyBytesMax"),
  atMost("pageLengthDefault", "pageLengthMax"),
  unlike("httpPort", "raftPort"),
  unlike("rpcPort", "raftPort"),
  unlike("rpcPort", "httpPort")
]

export const brokenRelations = ({ describe, values }: Reading, derived: Derived): ReadonlyArray<string> =>
  relations.flatMap(({ holds, of, to, words }) => {
    const left = values[of] ?? derived[of] ?? null
    const right = values[to] ?? derived[to] ?? null
    return left === null || right === null || holds(left, right)
      ? []
      : [`${of} ${describe(of, left)}, but must be ${words} ${to}, which ${describe(to, right)}`]
  })
