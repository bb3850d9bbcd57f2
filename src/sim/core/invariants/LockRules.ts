/**
 * The lock service does what its specification says: for every committed entry the lock table gives the very answers
 * that the specification gives, which shares nothing with it. Mutual exclusion, order, leases, tokens and
 * retries are all in there.
 */
import { LockSpec } from "../../../spec/LockSpec.ts"
import { commandsOf } from "../Machine.ts"
import { broken, type Invariant, type World } from "../World.ts"

export const make = ({ reference }: World): Invariant => {
  const spec = new LockSpec()
  return {
    name: "the specification",
    committed: (entry) => {
      const given = reference.apply(entry)
      const expected = spec.apply(entry.time, commandsOf(entry))
      if (isSame(given, expected)) return
      const [told, right] = [given, expected].map((settled) => JSON.stringify(settled))
      broken(`entry ${entry.index} is answered ${told}; right were ${right}`)
    }
  }
}

/** Alike as plain data, in whatever order fields stand. */
export const isSame = (one: unknown, other: unknown): boolean => {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other
  const [ofOne, ofOther] = [Object.entries(one), other as Readonly<Record<string, unknown>>]
  return ofOne.length === Object.keys(other).length && ofOne.every(([key, value]) => isSame(value, ofOther[key]))
}
