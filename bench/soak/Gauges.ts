/**
 * How much memory and disk each node takes while a soak runs.
 */
import { Effect } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { nowMillis } from "../lib/Now.ts"
import * as Inside from "../scale/Inside.ts"

export interface Sample {
  readonly node: string
  readonly pid: number
  readonly at: number
  /** Null where the system does not tell. */
  readonly memoryMiB: number | null
  /** Of V8's heap what is in use, garbage included; null if the node did not say. */
  readonly heapMiB: number | null
  readonly diskMiB: number
}

const everyMillis = 1_000
/** One that is frozen says nothing. */
const answerMillisMax = 500

/** Samples without end; interrupt it. */
export const watch = (nodes: ReadonlyArray<TestNode>, samples: Array<Sample>): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(
    Effect.forEach(
      nodes.filter((node) => node.isRunning()),
      (node) => Effect.map(sample(node), (one) => samples.push(one)),
      { concurrency: "unbounded" }
    ),
    Effect.sleep(everyMillis)
  ))

const sample = (node: TestNode): Effect.Effect<Sample> =>
  Effect.map(heapMiB(node), (heapMiB) => {
    const { pid } = node.process()
    const [memory, disk] = [memoryMiB(pid), diskMiB(node.dataDir)]
    return { node: node.nodeId, pid, at: nowMillis(), memoryMiB: memory, heapMiB, diskMiB: disk }
  })

const heapMiB = (node: TestNode): Effect.Effect<number | null> =>
  Inside.metric(node, "process_heap_used_bytes").pipe(
    Effect.map((bytes) => Number.isFinite(bytes) ? bytes / 2 ** 20 : null),
    Effect.timeoutOrElse({ duration: answerMillisMax, orElse: () => Effect.succeed(null) }),
    Effect.catchCause(() => Effect.succeed(null))
  )

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
