/**
 * What the workers of `npm run sim` are told, and what they tell: plain data, which is copied from one thread to
 * another.
 */
/** Both included. `core` runs the pure core, `node` whole nodes. */
export interface Chunk {
  readonly drive: "core" | "node"
  readonly from: number
  readonly to: number
}

export interface Report {
  readonly counts: Readonly<Record<string, number>>
  readonly failures: ReadonlyArray<{ readonly seed: number; readonly message: string }>
  readonly simulatedMillis: number
}
