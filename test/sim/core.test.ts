/**
 * The core drive of the simulator: five hundred seeds here, any number with `npm run sim -- --seeds N`.
 */
import { assert, describe, it } from "@effect/vitest"
import { core } from "../../src/sim/core/Core.ts"
import { simulate } from "../../src/sim/core/Simulation.ts"
import { Tally } from "../../src/sim/core/Tally.ts"
import { Violation } from "../../src/sim/core/Violation.ts"
import { draw } from "../../src/sim/Scenario.ts"

const seeds = 500

describe("Under every fault there is, alone and together", () => {
  it(`locks and logs keep every promise, and all recovers (${seeds} seeds)`, { timeout: 600_000 }, () => {
    const sum = new Tally()
    for (let seed = 1; seed <= seeds; seed++) {
      const run = simulate(draw(seed))
      assert.deepStrictEqual(run.missing(["elections", "commits"]), [], `seed ${seed} is hollow`)
      sum.add(run)
    }
    assert.deepStrictEqual(sum.missing(), [], "these seeds together are hollow")
  })

  it("the same seed gives the same run, and another seed another one", () => {
    const hashOf = (seed: number) => simulate(draw(seed)).hash
    assert.strictEqual(hashOf(3), hashOf(3))
    assert.notStrictEqual(hashOf(3), hashOf(4))
  })
})

describe("The simulation", () => {
  it("notices a run in which nothing goes wrong", () => {
    const calm = { ...draw(2), voters: 3, faults: [], huntsLeaders: false, lossRate: 0, duplicateRate: 0 }
    assert.includeMembers([...simulate(calm).missing()], ["crashes", "wipes", "cuts", "pauses", "repeated"])
  })

  it("names the seed and the rule when a rule is broken", () => {
    const deaf = { ...core, steps: (state: Parameters<typeof core.steps>[0]) => [state, []] as const }
    assert.throws(() => simulate(draw(7), { core: deaf }), Violation, /^seed 7 at \d+ ms: no recovery/)
  })
})
