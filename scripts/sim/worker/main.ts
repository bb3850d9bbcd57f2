/**
 * One worker of `npm run sim`: runs the seeds it is told and tells what became of them. A failure is told as text, with
 * the seed in it; to look at it closer is the business of whoever asked.
 */
import { parentPort } from "node:worker_threads"
import { simulate } from "../../../src/sim/core/Simulation.ts"
import { Tally } from "../../../src/sim/core/Tally.ts"
import { draw } from "../../../src/sim/Scenario.ts"
import type { Chunk, Report } from "../Chunk.ts"

// The rule is about windows in a browser.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.on("message", ({ from, to }: Chunk) => parentPort?.postMessage(run(from, to)))

const run = (from: number, to: number): Report => {
  const sum = new Tally()
  const failures: Array<Report["failures"][number]> = []
  let simulatedMillis = 0
  for (let seed = from; seed <= to; seed++) {
    const scenario = draw(seed)
    try {
      const tally = simulate(scenario)
      simulatedMillis += scenario.faultyMillis + tally.recoveryMillisMax
      sum.add(tally)
    } catch (error) {
      failures.push({ seed, message: error instanceof Error ? error.message : String(error) })
    }
  }
  return { counts: sum.counts(), failures, simulatedMillis }
}
