/**
 * The processor time that processes have used, from Linux's /proc: what an operation costs, which other programs on the
 * machine disturb much less than how long it takes.
 */
import { readFileSync } from "node:fs"

/** User and system time so far, in microseconds; null where there is no /proc, or the process has ended. */
const cpuMicros = (pid: number): number | null => {
  try {
    // The name in brackets may hold spaces: fields are counted after it, and the 14th and 15th of all are the times.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? []
    return (Number(fields[11]) + Number(fields[12])) * microsPerTick
  } catch {
    return null
  }
}

/** A tick is a hundredth of a second in whatever Linux tells programs. */
const microsPerTick = 10_000

/** Together; null if one of them is not known. */
export const cpuMicrosOf = (pids: ReadonlyArray<number>): number | null => {
  let sum = 0
  for (const pid of pids) {
    const micros = cpuMicros(pid)
    if (micros === null) return null
    sum += micros
  }
  return sum
}
