/**
 * `npm run sim:look -- --seed N [--shrink] [--keep NAME]`: tells the run of one seed of the core as a timeline, the
 * failing one made small first, and keeps what is left as a regression test.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs, styleText } from "node:util"
import { simulate } from "../../../src/sim/core/Simulation.ts"
import { Violation } from "../../../src/sim/core/Violation.ts"
import { draw, type Scenario } from "../../../src/sim/Scenario.ts"
import { shrink } from "../../../src/sim/Shrinking.ts"
import { Timeline } from "../../../src/sim/Timeline.ts"

const { values } = parseArgs({
  options: { seed: { type: "string" }, shrink: { type: "boolean", default: false }, keep: { type: "string" } }
})
const seed = Number(values.seed)
if (!Number.isSafeInteger(seed)) throw new Error("usage: npm run sim:look -- --seed N [--shrink] [--keep NAME]")

const breaks = (scenario: Scenario): string | null => {
  try {
    simulate(scenario)
    return null
  } catch (error) {
    if (error instanceof Violation) return error.rule
    throw error
  }
}

const drawn = draw(seed)
const scenario = values.shrink ? shrink(drawn, breaks) : drawn
const { faults, ...rest } = scenario
console.log(JSON.stringify(rest))
for (const fault of faults) console.log(JSON.stringify(fault))

const paint = process.stdout.isTTY ? styleText : (_: unknown, text: string): string => text
const timeline = new Timeline(
  scenario.voters + scenario.learners + scenario.spares,
  paint as ConstructorParameters<typeof Timeline>[1],
  (line) => console.log(line),
  true
)
timeline.head()
try {
  simulate(scenario, {
    chronicle: (schedule) => ({
      isKept: true,
      note: (kind, text, node) => timeline.note(schedule.now, kind, text, node)
    })
  })
  console.log("no rule is broken")
} catch (error) {
  if (!(error instanceof Violation)) throw error
  timeline.note(error.atMillis, "broken", error.rule, undefined)
  process.exitCode = 1
}

if (values.keep !== undefined) {
  const file = join(import.meta.dirname, "..", "..", "..", "test", "sim", "regressions", `${values.keep}.json`)
  writeFileSync(file, `${JSON.stringify(scenario, null, 2)}\n`)
  console.log(`kept as ${file}`)
}
