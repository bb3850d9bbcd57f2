/**
 * The replicated clock never runs faster than the fastest monotonic clock (design: a leader's clock is a sum of short
 * steps). Two stamps are less than a millisecond further apart than real time, which is what rounding them down can do.
 * From this alone follows that no lease is ended early, by no part of a millisecond: what ends a lease of n is a stamp
 * that is later than its last renewal's by n + 1 at least.
 */
import type { Entry } from "../../../raft/Entry.ts"
import { commandsOf } from "../Machine.ts"
import { broken, type Invariant, type World } from "../World.ts"

/** Stamps are whole milliseconds, and the clocks they come from whole microseconds: each leader may be ahead by one. */
const roundingMillis = 1.01

export const make = ({ now }: World, clockSpread: number): Invariant => {
  const rate = 1 + clockSpread
  /** When its leader made each entry. */
  const madeAt = new WeakMap<Entry, number>()
  /** The least that any stamp was ahead of real time, if that ran at the fastest rate: it never rises again. */
  let ahead = Infinity
  return {
    name: "the replicated clock",
    turned: ({ actions, after }) => {
      if (after.role._tag !== "Leader") return
      for (const action of actions) {
        if (action._tag !== "PersistEntries") continue
        for (const entry of action.entries) if (!madeAt.has(entry)) madeAt.set(entry, now())
      }
    },
    committed: (entry, node) => {
      const known = madeAt.get(entry)
      if (known === undefined) return
      const current = entry.time - rate * known
      if (current > ahead + roundingMillis) {
        broken(`${node.id} commits ${entry.index} with a stamp that is ${Math.ceil(current - ahead)} ms too far on`)
      }
      // Raft's own entries take the stamp of the one before, which is old. No lease begins with one of them.
      if (commandsOf(entry).length > 0) ahead = Math.min(ahead, current)
    }
  }
}
