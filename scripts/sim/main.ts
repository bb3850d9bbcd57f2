/**
 * `npm run sim -- --seeds N [--from S] [--drive core|node]`: that many seeds on every core of the machine. Prints what
 * happened in them, and every seed that broke a rule with the command that shows it again; then it fails.
 */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { calledWrongly, optionsOf } from "../CommandLine.ts"
import type { Chunk, Report } from "./Chunk.ts"

const usage = "npm run sim -- --seeds N [--from S] [--drive core|node], N and S whole numbers from 1 on"

const { values } = optionsOf(usage, {
  options: {
    seeds: { type: "string", default: "500" },
    from: { type: "string", default: "1" },
    drive: { type: "string", default: "core" }
  }
})
const { drive } = values
const from = Number(values.from)
const to = from + Number(values.seeds) - 1
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from || (drive !== "core" && drive !== "node")) {
  calledWrongly(usage)
}

const chunkSeeds = drive === "core" ? 50 : 4
let next = from
const take = (): Chunk | undefined => {
  if (next > to) return undefined
  const chunk: Chunk = { drive, from: next, to: Math.min(to, next + chunkSeeds - 1) }
  next = chunk.to + 1
  return chunk
}

const counts: Record<string, number> = {}
let failures = 0
let simulatedMillis = 0

const hear = (report: Report): void => {
  for (const [name, count] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + count
  simulatedMillis += report.simulatedMillis
  failures += report.failures.length
  for (const { message } of report.failures) console.log(message)
}

const work = (): Promise<void> =>
  new Promise((resolve, reject) => {
    // Nearly everything that a run makes is of no use a moment later.
    const resourceLimits = { maxYoungGenerationSizeMb: 64 }
    const worker = new Worker(new URL("worker/main.ts", import.meta.url), { resourceLimits })
    const end = (): void => {
      worker.removeAllListeners("exit")
      void worker.terminate().then(() => resolve())
    }
    const go = (): void => {
      const chunk = take()
      if (chunk === undefined) end()
      // The rule is about windows in a browser.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      else worker.postMessage(chunk)
    }
    worker.on("message", (report: Report) => {
      hear(report)
      go()
    })
    worker.on("error", reject)
    worker.on("exit", () => reject(new Error("a run stands still: all wait for each other")))
    go()
  })

const began = performance.now()
const width = Math.min(availableParallelism(), Math.ceil((to - from + 1) / chunkSeeds))
await Promise.all(Array.from({ length: width }, work))

const seconds = (performance.now() - began) / 1000
const { system, user } = process.cpuUsage()
const cpuSeconds = (user + system) / 1e6
const simulated = Math.round(simulatedMillis / 1000)
for (const [name, count] of Object.entries(counts)) console.log(`${String(count).padStart(12)} ${name}`)
console.log(
  `seeds ${from} to ${to}: ${failures} broke a rule; ${simulated} simulated seconds in ${seconds.toFixed(1)} s ` +
    `on ${width} cores, ${Math.round(simulated / cpuSeconds)} in a second of CPU`
)
if (failures > 0) {
  if (drive === "core") console.log("`npm run sim:look -- --seed N --shrink` makes a failing run small and tells it")
  process.exitCode = 1
}
