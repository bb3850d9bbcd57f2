/**
 * All figures that the documentation shows, as they were measured: each part with the command that takes it, the
 * machine, its load before and after, and every single run.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import type * as Http from "../http/Http.ts"
import type { Machine } from "../lib/Machine.ts"
import type { Row } from "../peers/Peers.ts"
import type { Profiled } from "../profile/Profile.ts"
import type * as Scale from "../scale/Scale.ts"
import type { Point } from "../sweep/Sweep.ts"
import type { Beside } from "../throughput/Targets.ts"

/** What was measured, by the name of the part. */
export interface Results {
  readonly throughput: ReadonlyArray<{ readonly load: string } & Beside>
  readonly http: Http.Results
  readonly peers: ReadonlyArray<Row>
  readonly scale: Scale.Results
  readonly sweep: ReadonlyArray<Point>
  readonly profile: ReadonlyArray<Profiled>
}

export const parts = ["throughput", "peers", "http", "scale", "profile", "sweep"] as const
export type Part = typeof parts[number]

export interface Taken<Result> {
  readonly command: string
  readonly machine: Machine
  /** The average of the last minute. */
  readonly load: { readonly before: number; readonly after: number }
  readonly at: string
  readonly commit: string
  readonly seconds: number
  readonly results: Result
}

export type Figures = { readonly [P in Part]?: Taken<Results[P]> }

/** Where they are kept, and the plots beside them. */
export const folder = new URL("../../docs/performance/", import.meta.url)

const file = new URL("figures.json", folder)

/** What is not there has not been measured. */
export const read = (): Figures => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {}
    throw error
  }
}

/** Five digits of a figure are more than anything measured here has. */
export const write = (figures: Figures): void => {
  const rounded = (_: string, value: unknown) => typeof value === "number" ? Number(value.toPrecision(5)) : value
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(figures, rounded, 1)}\n`)
}
