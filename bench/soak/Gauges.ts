/**
 * How much memory and disk each node takes while a soak runs.
 */
import { Effect } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { nowMillis } from "../lib/Now.ts"

export interface Sample {
  readonly node: string
  readonly pid: number
  readonly at: number
  /** Null where the system does not tell. */
  readonly memoryMiB: number | null
  readonly diskMiB: number
}

const everyMillis = 1_000

/** Samples without end; interrupt it. */
export const watch = (nodes: ReadonlyArray<TestNode>, samples: Array<Sample>): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(
    Effect.sync(() => samples.push(...nodes.filter((node) => node.isRunning()).map(sample))),
    Effect.sleep(everyMillis)
  ))

const sample = (node: TestNode): Sample => {
  const { pid } = node.process()
  return { node: node.nodeId, pid, at: nowMillis(), memoryMiB: memoryMiB(pid), diskMiB: diskMiB(node.dataDir) }
}

/** Resident memory, as Linux tells it. */
const memoryMiB = (pid: number): number | null => {
  try {
    const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    return kibibytes === undefined ? null : Number(kibibytes) / 1_024
  } catch {
    return null
  }
}

/** Files come and go while one looks. */
const diskMiB = (directory: string): number => {
  try {
    return readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { name, parentPath }) => sum + sizeOf(join(parentPath, name)), 0)
  } catch {
    return 0
  }
}

const sizeOf = (path: string): number => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 2 ** 20
