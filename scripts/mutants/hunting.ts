/**
 * Hunts planted bugs, a few at a time, each in a process of its own.
 */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Mutant } from "./Mutant.ts"

export interface Hunt {
  readonly mutant: Mutant
  /** The first seed that shows it, and what it breaks; null if none did in time. */
  readonly found: { readonly seed: number; readonly message: string } | null
  readonly millis: number
}

const run = promisify(execFile)
const program = join(import.meta.dirname, "hunt", "main.ts")

export const hunt = async (mutant: Mutant, millisMax: number): Promise<Hunt> => {
  const env = { ...process.env, HOLDFAST_MUTANT: mutant.name, HOLDFAST_HUNT_MILLIS: String(millisMax) }
  const options = { env, timeout: 2 * millisMax + 30_000 }
  // A run that stands still ends with an exit code of Node's own, and has said so.
  const { stdout } = await run(process.execPath, [program], options).catch((error: { readonly stdout?: string }) => {
    if (error.stdout?.startsWith("{") === true) return { stdout: error.stdout }
    throw error
  })
  return { mutant, ...JSON.parse(stdout) }
}

/** Hunts all of them, so many at a time, and tells each as it ends. */
export const huntAll = async (
  mutants: ReadonlyArray<Mutant>,
  options: { readonly millisMax: number; readonly width: number; readonly ended: (hunt: Hunt) => void }
): Promise<void> => {
  const left = [...mutants]
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      // One after the other is the point.
      // oxlint-disable-next-line no-await-in-loop
      options.ended(await hunt(mutant, options.millisMax))
    }
  }
  await Promise.all(Array.from({ length: options.width }, work))
}
