/**
 * What the workers of `npm run sim` are told, and what they tell: plain data, which is copied from one thread to
 * another.
 */
import type { Counted } from "../../src/sim/core/Tally.ts"

/** Both included. */
export interface Chunk {
  readonly from: number
  readonly to: number
}

export interface Report {
  readonly counts: Readonly<Record<Counted, number>>
  readonly failures: ReadonlyArray<{ readonly seed: number; readonly message: string }>
  readonly simulatedMillis: number
}
