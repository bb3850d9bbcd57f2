/**
 * Proves the simulation: it finds bugs when there are some. Each planted bug must be found within a few
 * hundred seeds; the core as it is passes the very same ones.
 */
import { assert, describe, it } from "@effect/vitest"
import { mutants } from "./mutants/mutants.ts"
import { load } from "./mutants/MutatedCore.ts"
import { draw } from "./sim/Options.ts"
import { simulate, Violation } from "./sim/Simulation.ts"

const seedsMax = 200

const firstViolation = (core: Parameters<typeof simulate>[0]): string | undefined => {
  for (let seed = 1; seed <= seedsMax; seed++) {
    try {
      simulate(core, draw(seed))
    } catch (error) {
      if (error instanceof Violation) return error.message
      throw error
    }
  }
  return undefined
}

describe("The simulation finds out that", () => {
  it.each(mutants)("$name", { timeout: 30_000 }, async (mutant) => {
    const core = await load(mutant)
    assert.isDefined(firstViolation(core), `no seed up to ${seedsMax} shows it`)
  })
})

describe("A planted bug", () => {
  it("must name a text that stands once in the core, so that no mutant is silently the core itself", async () => {
    const refused = await load({ name: "nowhere", file: "Quorum.ts", from: "not in there", to: "" }).catch(String)
    assert.include(refused, `mutant "nowhere": its text stands 0 times in Quorum.ts`)
  })
})
