/**
 * What goes wrong, and when: a list of strikes that is drawn before the run and is plain data, so that both drives can
 * suffer the same one, a failing run can be tried again with less of it, and a file can keep it.
 *
 * A strike names nodes by numbers from 0 to 1, so that it means something in a cluster of any size.
 */
import type { Rng } from "./Rng.ts"

export const faultKinds = [
  "crash",
  "crash-leader",
  "crash-all",
  "partition",
  "isolate-leader",
  "cut-link",
  "cut-one-way",
  "flap",
  "heal",
  "pause",
  "pause-leader",
  "slow-disk",
  "full-disk",
  "clock-back",
  "wipe"
] as const

export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  readonly atMillis: number
  readonly kind: FaultKind
  /** The node that is struck, and another one, as parts of 1. */
  readonly node: number
  readonly other: number
  /** How long it lasts, if it ends by itself. */
  readonly millis: number
}

/** One strike after the other, each a random while after the one before, until the time is over. */
export const drawFaults = (
  rng: Rng,
  options: { readonly kinds: ReadonlyArray<FaultKind>; readonly gapMillisMax: number; readonly untilMillis: number }
): ReadonlyArray<Fault> => {
  const faults: Array<Fault> = []
  let atMillis = 0
  while (true) {
    atMillis += Math.ceil(rng.next() * options.gapMillisMax)
    if (atMillis >= options.untilMillis) return faults
    const kind = rng.pick(options.kinds)
    const [node, other] = [share(rng), share(rng)]
    faults.push({ atMillis, kind, node, other, millis: rng.between(50, kind === "slow-disk" ? 2000 : 600) })
  }
}

/** Few digits, so that it can be read. */
const share = (rng: Rng): number => rng.between(0, 999) / 1000

/** The one that such a number stands for. */
export const pickAt = <A>(from: ReadonlyArray<A>, at: number): A => {
  const picked = from[Math.min(from.length - 1, Math.floor(at * from.length))]
  if (picked === undefined) throw new Error("nothing to pick from")
  return picked
}

/** Which of so many nodes are on one side of a partition. */
export const sideOf = (count: number, { node, other }: Fault): ReadonlyArray<boolean> => {
  const bits = Math.floor(node * 1000) ^ (Math.floor(other * 1000) << 3)
  return Array.from({ length: count }, (_, at) => ((bits >> at) & 1) === 1)
}
