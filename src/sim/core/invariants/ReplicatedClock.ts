/**
 * The replicated clock never runs faster than the fastest monotonic clock (design: a leader's clock is a sum of short
 * steps). From this alone follows that no lease is ended early: what ends it is a stamp, and the stamps between its
 * last renewal and that one are no further apart than real time.
 */
import type { Entry } from "../../../raft/Entry.ts"
import { commandsOf } from "../Machine.ts"
import { broken, type Invariant, type World } from "../World.ts"

/** Stamps are whole milliseconds, and a clock that a leader goes on with was read a little ago. */
const roundingMillis = 2

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
