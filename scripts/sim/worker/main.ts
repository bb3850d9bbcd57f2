/**
 * One worker of `npm run sim`: runs the seeds it is told and tells what became of them. A failure is told as text, with
 * the seed in it; to look at it closer is the business of whoever asked.
 */
import { Effect } from "effect"
import { parentPort } from "node:worker_threads"
import { simulate } from "../../../src/sim/core/Simulation.ts"
import { simulateNodes } from "../../../src/sim/nodes/NodeSimulation.ts"
import { draw, type Scenario } from "../../../src/sim/Scenario.ts"
import type { Chunk, Report } from "../Chunk.ts"

parentPort?.on("message", (chunk: Chunk) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule is about windows in a browser
  void run(chunk).then((report) => parentPort?.postMessage(report))
})

interface Ran {
  readonly counts: Readonly<Record<string, number>>
  readonly recoveryMillis: number
}

const drives = {
  core: async (scenario: Scenario): Promise<Ran> => {
    const tally = simulate(scenario)
    return { counts: tally.counts(), recoveryMillis: tally.recoveryMillisMax }
  },
  node: async (scenario: Scenario): Promise<Ran> => {
    const { recoveryMillis, ...counts } = await Effect.runPromise(simulateNodes(scenario))
    return { counts, recoveryMillis }
  }
}

const run = async ({ drive, from, to }: Chunk): Promise<Report> => {
  const counts: Record<string, number> = {}
  const failures: Array<Report["failures"][number]> = []
  let simulatedMillis = 0
  for (let seed = from; seed <= to; seed++) {
    const scenario = draw(seed)
    try {
      // oxlint-disable-next-line no-await-in-loop -- each worker has one core
      const ran = await drives[drive](scenario)
      simulatedMillis += scenario.faultyMillis + ran.recoveryMillis
      for (const [name, count] of Object.entries(ran.counts)) counts[name] = (counts[name] ?? 0) + count
    } catch (error) {
      failures.push({ seed, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return { counts, failures, simulatedMillis }
}
