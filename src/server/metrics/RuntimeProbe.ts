/**
 * What can be measured of the process itself, by whoever owns the process. Where nobody does, nothing is told of it.
 */
import { Context } from "effect"

export interface RuntimeReading {
  readonly startedAtSeconds: number
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  /** How late the event loop was since the last reading. */
  readonly lagSeconds: { readonly p50: number; readonly p99: number; readonly max: number }
}

export type RuntimeProbe = () => RuntimeReading | null

export const RuntimeProbe = Context.Reference<RuntimeProbe>("server/metrics/RuntimeProbe", {
  defaultValue: () => () => null
})
