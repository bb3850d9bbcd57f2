/**
 * `npm run sim:look -- --seed N [--drive core|node] [--shrink] [--keep NAME] [--mutant WORD]`: tells the run of one
 * seed as a timeline, the failing one made small first, and keeps what is left as a regression test. With a word of its
 * name a planted bug is planted first.
 */
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { styleText } from "node:util"
import type { Scenario } from "../../../src/sim/Scenario.ts"
import { calledWrongly, optionsOf } from "../../CommandLine.ts"
import { mutants } from "../../mutants/catalogue/all.ts"
import { plant } from "../../mutants/planting.ts"

const usage = "npm run sim:look -- --seed N [--drive core|node] [--shrink] [--keep NAME] [--mutant WORD]"

const { values } = optionsOf(usage, {
  options: {
    seed: { type: "string" },
    drive: { type: "string", default: "core" },
    shrink: { type: "boolean", default: false },
    keep: { type: "string" },
    mutant: { type: "string" }
  }
})
const seed = Number(values.seed)
const { drive } = values
if (!Number.isSafeInteger(seed) || (drive !== "core" && drive !== "node")) {
  calledWrongly(usage)
}
if (values.mutant !== undefined) {
  const [mutant, another] = mutants.filter(({ name }) => name.includes(values.mutant!))
  if (mutant === undefined || another !== undefined) {
    calledWrongly(usage, `none or several of the planted bugs have ${values.mutant} in their names`)
  }
  plant(mutant)
}

// After the bug, so that they get it.
const { run } = await import("./Drive.ts")
const { draw } = await import("../../../src/sim/Scenario.ts")
const { shrink } = await import("../../../src/sim/Shrinking.ts")
const { Timeline } = await import("../../../src/sim/Timeline.ts")

/** A run of whole nodes takes a second. */
const triesMax = drive === "core" ? 400 : 120

const ruleOf = (one: Scenario) => Effect.map(Effect.promise(() => run(drive, one)), (broken) => broken?.rule ?? null)
const drawn = draw(seed)
const scenario = values.shrink
  ? await Effect.runPromise(shrink(drawn, ruleOf, triesMax))
  : drawn
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
const violation = await run(drive, scenario, (...told) => timeline.note(...told))
if (violation === null) console.log("no rule is broken")
else {
  timeline.note(violation.atMillis, "broken", violation.rule, undefined)
  process.exitCode = 1
}

if (values.keep !== undefined) {
  const file = join(import.meta.dirname, "../../../test/sim/regressions", drive, `${values.keep}.json`)
  writeFileSync(file, `${JSON.stringify(scenario, null, 2)}\n`)
  console.log(`kept as ${file}`)
}
