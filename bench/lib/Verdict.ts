/**
 * Whether a measured ratio is what is aimed at. The median decides; the least and the greatest of the runs are told.
 */
import type { Spread } from "./Measured.ts"

export interface Verdict {
  readonly what: string
  readonly ratio: Spread
  readonly bound: string
  readonly isMet: boolean
}

export type Bound = { readonly atMost: number } | { readonly atLeast: number }

export const judge = (what: string, ratio: Spread, bound: Bound): Verdict =>
  "atMost" in bound
    ? { what, ratio, bound: `at most ${bound.atMost}`, isMet: ratio.median <= bound.atMost }
    : { what, ratio, bound: `at least ${bound.atLeast}`, isMet: ratio.median >= bound.atLeast }
