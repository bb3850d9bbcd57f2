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

/** In so many milliseconds from now, of a lease of this length. */
export const deadlineIn = (millisLeft: number, leaseMillis: number): Deadline => ({
  monotonicMs: Number(process.hrtime.bigint()) / 1e6 + millisLeft,
  uptimeMs: uptime() * 1000 + millisLeft,
  graceMs: leaseMillis * graceShare
})
