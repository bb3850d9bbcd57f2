/**
 * A moment on the two clocks that all processes of a machine share: the monotonic one, and the time since the machine
 * started, which goes on while the machine sleeps. A deadline has passed when either clock has passed it.
 */
import { uptime } from "node:os"

export interface Deadline {
  readonly monotonicMs: number
  readonly uptimeMs: number
  /** How long before the deadline the command is told to end. */
  readonly graceMs: number
}

/** A fifth of a lease is for the command to clean up in. */
const graceShare = 0.2

interface Moment {
  readonly monotonicMs: number
  readonly uptimeMs: number
}

export const now = (): Moment => ({ monotonicMs: Number(process.hrtime.bigint()) / 1e6, uptimeMs: uptime() * 1000 })

/**
 * In so many milliseconds, of a lease of this length, counted from a moment that was looked up before them: a process
 * may stand still between the two, and must not take that for time that is left.
 */
export const deadlineAt = ({ monotonicMs, uptimeMs }: Moment, millisLeft: number, leaseMillis: number): Deadline => ({
  monotonicMs: monotonicMs + millisLeft,
  uptimeMs: uptimeMs + millisLeft,
  graceMs: leaseMillis * graceShare
})
