/**
 * Who has the lock, in a line for whoever does not get it.
 */
import { Duration } from "effect"
import type { LockHeld } from "../api/Problems.ts"

type Held = Pick<LockHeld, "holders" | "queueLength" | "lockDelayLeftMs">

/** `"report" is held by ann@web1 pid 2271 (token 7), and 2 wait for it`. */
export const heldWords = (lock: string, held: Held): string => {
  const { queueLength } = held
  const who = `${JSON.stringify(lock)} is held${byWhom(held)}`
  return queueLength === 0 ? who : `${who}, and ${queueLength} ${queueLength === 1 ? "waits" : "wait"} for it`
}

const byWhom = ({ holders: [first, ...others], lockDelayLeftMs }: Held): string => {
  if (first !== undefined) {
    const more = others.length === 0 ? "" : ` and ${others.length} more`
    return ` by ${first.label || "a holder without a label"} (token ${first.token})${more}`
  }
  if (lockDelayLeftMs === 0) return ""
  const left = Duration.format(Duration.millis(lockDelayLeftMs))
  return ` back for ${left}, after a holder that was lost or a restore from a backup`
}
