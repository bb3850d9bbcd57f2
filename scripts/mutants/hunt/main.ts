/**
 * Hunts one planted bug, which the environment names, in a process of its own: loads the simulator with the bug in it,
 * runs one seed after the other until one breaks a rule, and prints that seed and that rule as JSON.
 */
import { mutants } from "../catalogue/all.ts"
import { plant } from "../planting.ts"

const mutant = mutants.find(({ name }) => name === process.env["HOLDFAST_MUTANT"])
if (mutant === undefined) throw new Error(`no such mutant: ${process.env["HOLDFAST_MUTANT"]}`)
const millisMax = Number(process.env["HOLDFAST_HUNT_MILLIS"] ?? 120_000)

plant(mutant)

const { Effect } = await import("effect")
const { simulate } = await import("../../../src/sim/core/Simulation.ts")
const { simulateNodes } = await import("../../../src/sim/nodes/NodeSimulation.ts")
const { draw } = await import("../../../src/sim/Scenario.ts")

const began = performance.now()
const millis = (): number => Math.round(performance.now() - began)

const run = async (seed: number): Promise<void> => {
  if (mutant.drive === "node") await Effect.runPromise(simulateNodes(draw(seed)))
  else simulate(draw(seed))
}

let current = 0
const tell = (found: { readonly seed: number; readonly message: string } | null): void =>
  console.log(JSON.stringify({ found, millis: millis() }))

// Whole nodes that wait for each other for ever leave nothing to do, and the process would end.
process.once("beforeExit", () => tell({ seed: current, message: "the run stands still: all wait for each other" }))

const hunt = async (): Promise<{ readonly seed: number; readonly message: string } | null> => {
  for (let seed = 1; millis() < millisMax; seed++) {
    current = seed
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first that shows it is wanted
      await run(seed)
    } catch (error) {
      return { seed, message: error instanceof Error ? error.message : String(error) }
    }
  }
  return null
}

tell(await hunt())
process.exit(0)
