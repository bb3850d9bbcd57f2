/**
 * What a node says of itself and what the system says of its process.
 */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { until } from "../../test/e2e/harness/Until.ts"
import { cpuMicrosOf } from "../lib/CpuTime.ts"

/** Resident memory, in bytes, from Linux's /proc. */
export const residentBytes = (node: TestNode): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${node.process().pid}/status`, "latin1")) ?? []
  return Number(kilobytes) * 1024
}

/** The value of one of its metrics that has no labels. */
export const metric = (node: TestNode, name: string) =>
  Effect.map(
    Effect.promise(() => fetch(`http://127.0.0.1:${node.httpPort}/metrics`).then((answer) => answer.text())),
    (text) => Number(new RegExp(`^holdfast_${name} (\\S+)$`, "m").exec(text)?.[1])
  )

/** Which share of one core a process takes while some time passes. */
export const coreShare = Effect.fnUntraced(function*(node: TestNode, seconds: number) {
  const pids = [node.process().pid]
  const before = cpuMicrosOf(pids) ?? Number.NaN
  const since = performance.now()
  yield* Effect.sleep(seconds * 1000)
  return ((cpuMicrosOf(pids) ?? Number.NaN) - before) / 1000 / (performance.now() - since)
})

export interface Start {
  readonly millis: number
  /** Of the processor, until then. */
  readonly cpuMillis: number
}

/** From the start of a process until the node is ready and has applied what is known to be committed. */
export const start = Effect.fnUntraced(function*(node: TestNode, commitIndex: number) {
  const since = performance.now()
  yield* node.start
  const isReady = Effect.map(
    Effect.all([node.request("GET", "/readyz"), node.status]),
    ([ready, { lastApplied }]) => ready.status === 200 && lastApplied >= commitIndex ? true : null
  )
  yield* Effect.orDie(until(`${node.nodeId} has applied entry ${commitIndex}`, isReady, 120_000))
  const cpuMicros = cpuMicrosOf([node.process().pid]) ?? Number.NaN
  return { millis: performance.now() - since, cpuMillis: cpuMicros / 1000 } satisfies Start as Start
})
