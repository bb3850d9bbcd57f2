/**
 * A profile that was left in a file, as shares of its time.
 */
import { readFileSync } from "node:fs"
import { selfTimes } from "./CpuProfile.ts"
import { hottest, idle, type Share, shares } from "./Layers.ts"

export interface Summary {
  /** Of one core, without what is idle. */
  readonly busy: number
  readonly layers: ReadonlyArray<Share>
  readonly functions: ReadonlyArray<Share>
}

export const read = (path: string): Summary => {
  const times = selfTimes(JSON.parse(readFileSync(path, "utf8")))
  const layers = shares(times).filter(({ name }) => name !== idle)
  return { busy: layers.reduce((sum, { share }) => sum + share, 0), layers, functions: hottest(times, functionsTold) }
}

const functionsTold = 8
