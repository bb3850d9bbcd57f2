/**
 * Looks at processes of this machine from a test: those of one group, and whether any of them is alive.
 */
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { until } from "../../e2e/harness/Until.ts"

/** A length of sleep that no other process has: the name by which a test finds its own. */
export const newMark = (): string => `7${process.pid}.${String(++next).padStart(4, "0")}`

let next = 0

export interface Process {
  readonly pid: number
  readonly group: number
  readonly command: string
}

/** All that are alive: one that has ended and whose parent has not asked is not. */
const processes = (): ReadonlyArray<Process> =>
  readdirSync("/proc").map(Number).filter((pid) => pid > 0).flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
      const [state = "", , group = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()
      return /[ZXx]/.test(state) ? [] : [{ pid, group: Number(group), command }]
    } catch {
      return []
    }
  })

export const canLook = existsSync("/proc/self/stat")

/** Those whose command line says this. A test marks its own with a number that no other has. */
export const marked = (mark: string): ReadonlyArray<Process> =>
  processes().filter(({ command }) => command.includes(mark))

/** Waits until so many processes say this. */
export const untilMarked = (mark: string, count: number) =>
  until(
    `${count} processes of ${mark}`,
    Effect.sync(() => {
      const found = marked(mark)
      return found.length === count ? found : null
    })
  )
