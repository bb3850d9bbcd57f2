/**
 * The loads of `npm run bench`: so many workers with a lock of their own each, one lock for all, and clients that come
 * by a schedule.
 */

export interface ClosedLoad {
  readonly name: string
  readonly kind: "own" | "hot"
  readonly workers: number
}

/** Cycles begin at a share of the rate that the closed load with the most workers has reached in the same round. */
export interface OpenLoad {
  readonly name: string
  readonly kind: "open"
  readonly percent: number
}

export type Load = ClosedLoad | OpenLoad

/** One hot lock, unless only `own` is asked for. */
export const closedLoads = (workers: ReadonlyArray<number>, only: "all" | "own"): ReadonlyArray<ClosedLoad> => [
  ...workers.map((workers) => ({
    name: `${workers} worker${workers === 1 ? "" : "s"}`,
    workers,
    kind: "own" as const
  })),
  ...(only === "own" ? [] : [{ name: "hot, 32 workers", workers: 32, kind: "hot" as const }])
]

export const openLoads = (percents: ReadonlyArray<number>): ReadonlyArray<OpenLoad> =>
  percents.map((percent) => ({ name: `open, ${percent} %`, kind: "open", percent }))
