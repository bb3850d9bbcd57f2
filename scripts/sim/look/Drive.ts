/**
 * The two drives of the simulator under one shape: a run of a scenario, told to whoever listens.
 */
import { Cause, Effect, Exit } from "effect"
import type { Chronicle } from "../../../src/sim/Chronicle.ts"
import { simulate } from "../../../src/sim/core/Simulation.ts"
import { Violation } from "../../../src/sim/core/Violation.ts"
import { simulateNodes } from "../../../src/sim/nodes/NodeSimulation.ts"
import type { Scenario } from "../../../src/sim/Scenario.ts"

export const drives = ["core", "node"] as const
export type Drive = typeof drives[number]

type Note = (atMillis: number, ...told: Parameters<Chronicle["note"]>) => void

/** The rule that it breaks; null if it breaks none. */
export const run = async (drive: Drive, scenario: Scenario, note?: Note): Promise<Violation | null> => {
  const chronicle = (now: () => number): Chronicle => ({
    isKept: note !== undefined,
    note: (...told) => note?.(now(), ...told)
  })
  if (drive === "node") return violationOf(await Effect.runPromiseExit(simulateNodes(scenario, chronicle)))
  return violationOf(
    await Effect.runPromiseExit(
      Effect.sync(() => simulate(scenario, { chronicle: (schedule) => chronicle(() => schedule.now) }))
    )
  )
}

const violationOf = (exit: Exit.Exit<unknown, Violation>): Violation | null => {
  if (Exit.isSuccess(exit)) return null
  const error = Cause.squash(exit.cause)
  if (error instanceof Violation) return error
  throw error
}
